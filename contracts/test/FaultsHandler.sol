// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Execution, Output, Testimony} from "../types/FaultTypes.sol";
import {
    DemandAnswer,
    DemandRefusal,
    Offer,
    SessionParams,
    SessionState,
    SessionStatus
} from "../types/SessionTypes.sol";
import {FaultFixture} from "./FaultFixture.sol";
import {vm} from "./Vm.sol";

/// @title Demands, answers, lies and settlements at random, with valid input only: every revert is a failure of the system.
contract FaultsHandler is FaultFixture {
    struct Live {
        SessionParams params;
        bytes32 id;
        SessionState newest;
        bool slashable;
    }

    Live[] private _all;
    Live private _nobody;
    /// @dev Most that may ever be slashed: the bonds of the sessions that were at fault.
    uint256 public forfeited;
    uint256 public burnedBefore;

    constructor() {
        prepare();
        buy(BUYER, id, 100_000 * CREDIT);
        burnedBefore = demec.totalSupply();
    }

    /// @dev It is an action like any other to the fuzzer.
    function setUp() public pure override {}

    // ---- actions ----

    function openAny(uint256 credits, uint128 deposit, uint32 window) external {
        credits = bound(credits, 1e15, 20 * CREDIT);
        uint256 free = staking.getProvider(owner).staked - staking.getProvider(owner).bonded;
        if (_all.length > 40 || !staking.isActive(owner) || free < 20 * CREDIT) return;
        if (accessToken.balanceOf(BUYER, id) < credits || market.quoteSell(id, credits) == 0) return;
        Offer memory offer = makeOffer(id, owner);
        offer.demandMaxInputBytes = MAX_INPUT;
        offer.demandWindow = 1 + (window % 2 hours);
        offer.demandDeposit = deposit % 1e9;
        Live storage live = _all.push();
        live.params = openSession(BUYER, offer, OPERATOR, uint128(credits), SESSION_KEY);
        live.id = SessionHashes.sessionId(live.params);
        live.slashable = true;
    }

    function demandAny(uint256 which) external {
        (bool found, Live storage live) = pick(which);
        if (!found || statusOf(live) != SessionStatus.Open || court.demandOf(live.id).deadline != 0) return;
        if (live.newest.creditsUsed >= live.params.credits) return;
        fund(BUYER, live.params.demandDeposit);
        SessionState memory newest = live.newest;
        Execution memory execution = anExecution();
        vm.prank(BUYER);
        court.demand(live.params, newest, execution);
    }

    function answerAny(uint256 which, bool refuses) external {
        (bool found, Live storage live) = pick(which);
        if (!found || block.timestamp >= court.demandOf(live.id).deadline) return;
        if (refuses) {
            DemandRefusal memory refusal = refusalFor(live.id);
            court.refuseDemand(live.params, refusal, signRefusal(OPERATOR, refusal));
        } else {
            Output memory output = outputOf("result");
            DemandAnswer memory answer = answerFor(live.id, output);
            court.answerDemand(live.params, answer, signAnswer(OPERATOR, answer), output);
        }
    }

    function expireAny(uint256 which) external {
        (bool found, Live storage live) = pick(which);
        if (!found) return;
        uint256 deadline = court.demandOf(live.id).deadline;
        if (deadline == 0) return;
        if (statusOf(live) != SessionStatus.Settled) {
            if (block.timestamp < deadline) vm.warp(deadline);
            forfeit(live);
        }
        court.expireDemand(live.params);
    }

    function contradictAny(uint256 which, uint256 other) external {
        (bool found, Live storage one) = pick(which);
        if (!found) return;
        (, Live storage two) = pick(other);
        if (!chargeable(one) && !chargeable(two)) return;
        (Testimony memory a, Testimony memory b) = contradict(one.params, two.params);
        vm.prank(WATCHTOWER);
        court.reportContradiction(a, b);
    }

    function enforceAny(uint256 which) external {
        (bool found, Live storage live) = pick(which);
        if (!found) return;
        uint256 enforceableAt = court.chargeOf(live.id).enforceableAt;
        if (enforceableAt == 0 || court.chargeOf(live.id).enforced) return;
        if (block.timestamp < enforceableAt) vm.warp(enforceableAt);
        forfeit(live);
        court.enforceContradiction(live.params);
    }

    function collectAny(uint256 which, uint256 used) external {
        (bool found, Live storage live) = pick(which);
        if (!found || statusOf(live) != SessionStatus.Open) return;
        SessionState memory s = newer(live, used);
        collect(live.params, s);
        live.newest = s;
    }

    function endAny(uint256 which, uint256 used, uint256 how) external {
        (bool found, Live storage live) = pick(which);
        if (!found) return;
        SessionStatus status = statusOf(live);
        if (status == SessionStatus.Settled) return;
        if (how % 3 == 0) {
            SessionState memory s = newer(live, used);
            s.isFinal = true;
            close(live.params, s);
        } else if (status == SessionStatus.Open) {
            startClosingWithNone(how % 3 == 1 ? BUYER : owner, live.params);
        } else if (court.demandOf(live.id).deadline == 0) {
            if (block.timestamp < deadlineOf(live.id)) vm.warp(deadlineOf(live.id));
            SessionState memory newest = live.newest;
            escrow.finish(live.params, newest);
        }
    }

    function unstake(uint256 amount) external {
        uint256 free = staking.getProvider(owner).staked - staking.getProvider(owner).bonded;
        if (free == 0) return;
        vm.prank(owner);
        staking.requestUnstake(bound(amount, 1, free / 8 + 1));
    }

    function passTime(uint32 duration) external {
        vm.warp(block.timestamp + (duration % 1 days));
    }

    // ---- what must hold ----

    function checkDeposits() external view {
        uint256 waiting;
        for (uint256 i = 0; i < _all.length; ++i) {
            if (court.demandOf(_all[i].id).deadline != 0) waiting += _all[i].params.demandDeposit;
        }
        assertEq(claim(address(court)), waiting, "the court's claim is not the deposits that wait");
    }

    function checkMoney() external view {
        uint256 escrowed;
        for (uint256 i = 0; i < _all.length; ++i) {
            if (statusOf(_all[i]) == SessionStatus.Settled) continue;
            escrowed += _all[i].params.value - escrow.getSession(_all[i].id).collected;
        }
        assertEq(claim(address(escrow)), escrowed, "the escrow's claim is not what its sessions hold");
        uint256 claims = claim(BUYER) + claim(owner) + claim(publisher) + claim(treasury) + claim(address(court));
        assertEq(usd.balanceOf(address(market)), market.reserveOf(id) + escrowed + claims, "money");
    }

    function checkSlashes() external view {
        assertAtMost(burnedBefore - demec.totalSupply(), forfeited, "more was burned than the bonds at fault");
        uint256 bonds;
        for (uint256 i = 0; i < _all.length; ++i) {
            if (statusOf(_all[i]) != SessionStatus.Settled) bonds += _all[i].params.bond;
            bool held = court.demandOf(_all[i].id).deadline != 0;
            assertTrue(held == (escrow.getSession(_all[i].id).flags & 8 != 0), "flag");
        }
        assertEq(staking.getProvider(owner).bonded, bonds, "bonds");
    }

    // ---- internals ----

    function pick(uint256 which) private view returns (bool found, Live storage live) {
        found = _all.length != 0;
        live = found ? _all[which % _all.length] : _nobody;
    }

    function statusOf(Live storage live) private view returns (SessionStatus) {
        return escrow.getSession(live.id).status;
    }

    function chargeable(Live storage live) private view returns (bool) {
        if (court.chargeOf(live.id).enforceableAt != 0) return false;
        return statusOf(live) != SessionStatus.Settled || block.timestamp <= deadlineOf(live.id) + UNBONDING_DELAY / 2;
    }

    function forfeit(Live storage live) private {
        if (live.slashable) forfeited += live.params.bond;
        live.slashable = false;
    }

    function newer(Live storage live, uint256 used) private view returns (SessionState memory s) {
        s = state(live.id, live.newest.seq + 1, bound(used, 0, (uint256(live.params.credits) * 5) / 4));
        s.breaches = uint64(used % 200);
    }
}
