// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SessionHashes} from "../libraries/SessionHashes.sol";
import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState, SettleItem} from "../types/SessionTypes.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {vm} from "./Vm.sol";

/// @title Plays everyone at random, with valid input only: every revert is a failure of the system.
/// `PaymentHandler` adds those who sign.
abstract contract SystemHandler is PaymentFixture {
    struct Live {
        SessionParams params;
        bytes32 id;
        SessionState newest;
        bool closing;
    }

    uint256 public constant SERVICES = 3;
    uint256 public constant PEOPLE = 4;
    uint256 public constant PROVIDERS = 2;
    uint256 internal constant SESSION_KEY = 0x5E55;

    uint256[PEOPLE] internal keys = [uint256(0xA1), 0xB2, 0xC3, 0xD4];
    address[PEOPLE] public people;
    address[PROVIDERS] public owners;
    uint256[PROVIDERS] internal operators = [uint256(0x1000), 0x2000];
    Live[] private _live;
    Live private _nobody;
    bytes32[] public compensated;
    mapping(bytes32 sessionId => address) public compensatedBuyer;
    mapping(bytes32 sessionId => uint256) public compensation;

    constructor() {
        deployAll();
        for (uint256 i = 0; i < PEOPLE; ++i) people[i] = vm.addr(keys[i]);
        ServiceParams memory params = defaultService();
        createService(params);
        // The steepest start and the flattest end of the range, free at first; no fee.
        params.curve = CurvePoints(1, 2, type(uint96).max, 0, 0, uint128(1e30), type(uint128).max);
        (params.royaltyBps, params.sla.toleranceBps, params.sla.bondPenaltyBps) = (0, 0, 10_000);
        createService(params);
        // A fixed price with 18-decimals money in mind.
        params.curve = CurvePoints(
            1e18,
            2e18,
            3e18,
            uint128(1e36 + 1),
            uint128(1e36 + 1),
            uint128(1e36 + 1),
            uint128(1e36 + 1)
        );
        (params.royaltyBps, params.sla.rebateBps) = (2_000, 10_000);
        createService(params);
        for (uint256 i = 0; i < PROVIDERS; ++i) {
            owners[i] = startProvider(operators[i], 1, 50_000e18);
            vm.startPrank(owners[i]);
            registry.enrol(2);
            registry.enrol(3);
            vm.stopPrank();
        }
    }

    // ---- trade ----

    function buyCredits(uint256 person, uint256 service, uint256 credits) external {
        uint256 id = 1 + (service % SERVICES);
        uint256 room = 1e27 > market.supplyOf(id) ? 1e27 - market.supplyOf(id) : 0;
        if (room == 0) return;
        buy(anyone(person), id, bound(credits, 1, room < 1e23 ? room : 1e23));
    }

    function sellCredits(uint256 person, uint256 service, uint256 credits, bool withdraw) external {
        (address seller, uint256 id) = (anyone(person), 1 + (service % SERVICES));
        uint256 held = accessToken.balanceOf(seller, id);
        if (held == 0) return;
        credits = bound(credits, 1, held);
        uint256 proceeds = market.quoteSell(id, credits);
        vm.prank(seller);
        if (withdraw) market.sellAndWithdraw(id, credits, proceeds, anyone(person >> 8), block.timestamp);
        else market.sell(id, credits, proceeds, anyone(person >> 8), block.timestamp);
    }

    function giveCredits(uint256 person, uint256 service, uint256 credits) external {
        (address from, uint256 id) = (anyone(person), 1 + (service % SERVICES));
        vm.startPrank(from);
        accessToken.safeTransferFrom(
            from,
            anyone(person >> 8),
            id,
            bound(credits, 0, accessToken.balanceOf(from, id)),
            ""
        );
        vm.stopPrank();
    }

    function moveOrWithdrawClaim(uint256 person, uint256 amount, bool withdraw) external {
        address account = anyone(person);
        uint256 claim = market.claimOf(address(usd), account);
        if (claim == 0) return;
        vm.prank(account);
        if (withdraw) market.withdraw(address(usd), anyone(person >> 8));
        else market.transferClaim(address(usd), anyone(person >> 8), bound(amount, 0, claim));
    }

    /// @dev A gift to the market must change nothing.
    function donate(uint64 amount) external {
        usd.mint(address(market), amount);
        donated += amount;
    }

    uint256 public donated;

    // ---- sessions ----

    function openAny(uint256 person, uint256 service, uint256 credits, uint256 bond) external {
        (address buyer, uint256 id) = (anyone(person), 1 + (service % SERVICES));
        uint256 provider = (person >> 16) % PROVIDERS;
        uint256 held = accessToken.balanceOf(buyer, id);
        if (held == 0 || !staking.isActive(owners[provider])) return;
        credits = bound(credits, 1, held);
        if (market.quoteSell(id, credits) == 0) return;
        (bool covered, Offer memory offer) = affordable(id, provider, credits, bond);
        if (!covered) return;
        SessionParams memory params = openSession(buyer, offer, operators[provider], uint128(credits), SESSION_KEY);
        started(params);
    }

    function collectAny(uint256 which, uint256 seed) external {
        (bool found, Live storage live) = pick(which);
        if (!found || live.closing) return;
        SessionState memory s = newer(live, seed, false);
        (bytes memory a, bytes memory b) = signatures(live, s);
        escrow.collect(live.params, s, a, b);
        live.newest = s;
    }

    function startClosingAny(uint256 which, uint256 seed, uint256 side) external {
        (bool found, Live storage live) = pick(which);
        if (!found || live.closing) return;
        SessionState memory s;
        (bytes memory a, bytes memory b) = (bytes(""), bytes(""));
        if (seed % 3 != 0) {
            s = newer(live, seed, false);
            (a, b) = signatures(live, s);
            live.newest = s;
        }
        vm.prank(side % 2 == 0 ? live.params.buyer : live.params.provider);
        escrow.startClosing(live.params, s, a, b);
        live.closing = true;
    }

    function challengeAny(uint256 which, uint256 seed, uint256 side) external {
        (bool found, Live storage live) = pick(which);
        if (!found || !live.closing || block.timestamp >= escrow.getSession(live.id).deadline) return;
        SessionState memory s = newer(live, seed, false);
        (bytes memory a, bytes memory b) = signatures(live, s);
        vm.prank([live.params.buyer, live.params.provider, address(this)][side % 3]);
        escrow.challenge(live.params, s, a, b);
        live.newest = s;
    }

    function finishAny(uint256 which) external {
        (bool found, Live storage live) = pick(which);
        if (!found || !live.closing) return;
        uint256 deadline = escrow.getSession(live.id).deadline;
        if (block.timestamp < deadline) vm.warp(deadline);
        SessionState memory s = live.newest;
        escrow.finish(live.params, s);
        settled(which, s);
    }

    function closeAny(uint256 which, uint256 seed) external {
        (bool found, Live storage live) = pick(which);
        if (!found) return;
        SessionState memory s = newer(live, seed, true);
        (bytes memory a, bytes memory b) = signatures(live, s);
        escrow.close(live.params, s, a, b);
        settled(which, s);
    }

    /// @dev Three items of which one has a foreign signature and one is there twice: one is settled.
    function settleManyAny(uint256 which, uint256 seed) external {
        (bool found, Live storage live) = pick(which);
        if (!found) return;
        SessionState memory s = newer(live, seed, true);
        (bytes memory a, bytes memory b) = signatures(live, s);
        SettleItem[] memory items = new SettleItem[](3);
        items[0] = SettleItem(live.params, s, b, b);
        items[1] = SettleItem(live.params, s, a, b);
        items[2] = items[1];
        assertEq(escrow.settleMany(items), 1, "settled");
        settled(which, s);
    }

    // ---- stake ----

    function stakeMore(uint256 provider, uint64 amount) external {
        address owner = owners[provider % PROVIDERS];
        uint256 more = uint256(amount) + 1;
        demec.transfer(owner, more);
        vm.startPrank(owner);
        demec.approve(address(staking), more);
        staking.stake(more);
        vm.stopPrank();
    }

    function unstake(uint256 provider, uint256 amount) external {
        address owner = owners[provider % PROVIDERS];
        uint256 free = freeStake(owner);
        if (free == 0) return;
        vm.prank(owner);
        staking.requestUnstake(bound(amount, 1, free));
    }

    function withdrawStake(uint256 provider) external {
        address owner = owners[provider % PROVIDERS];
        if (staking.getProvider(owner).unbonding == 0) return;
        uint256 releasableAt = staking.getProvider(owner).releasableAt;
        if (block.timestamp < releasableAt) vm.warp(releasableAt);
        vm.prank(owner);
        staking.withdraw(owner);
    }

    function slashAny(uint256 provider, uint256 amount) external {
        vm.prank(address(escrow));
        staking.slash(owners[provider % PROVIDERS], bound(amount, 0, 500e18), address(this));
    }

    function claimAny(uint256 which) external {
        if (compensated.length == 0) return;
        which %= compensated.length;
        bytes32 id = compensated[which];
        vm.warp(block.timestamp + UNBONDING_DELAY);
        vm.prank(compensatedBuyer[id]);
        staking.claimCompensation(id, compensatedBuyer[id]);
        compensation[id] = 0;
        compensated[which] = compensated[compensated.length - 1];
        compensated.pop();
    }

    function passTime(uint32 duration) external {
        vm.warp(block.timestamp + (duration % 2 days));
    }

    // ---- what must hold ----

    function checkReserves() external view returns (uint256 reserves) {
        for (uint256 id = 1; id <= SERVICES; ++id) {
            uint256 supply = market.supplyOf(id);
            assertEq(market.reserveOf(id), market.areaAt(id, supply), "reserve is not R(supply)");
            uint256 held;
            for (uint256 i = 0; i < PEOPLE; ++i) held += accessToken.balanceOf(people[i], id);
            assertEq(held, supply, "supply is not what is held");
            reserves += market.reserveOf(id);
        }
    }

    function checkClaims(uint256 reserves) external view {
        uint256 claims = claimOf(address(escrow)) + claimOf(treasury) + claimOf(publisher);
        for (uint256 i = 0; i < PEOPLE; ++i) claims += claimOf(people[i]);
        for (uint256 i = 0; i < PROVIDERS; ++i) claims += claimOf(owners[i]);
        assertEq(usd.balanceOf(address(market)), reserves + claims + donated, "market's balance");
        uint256 escrowed;
        for (uint256 i = 0; i < _live.length; ++i) {
            escrowed += _live[i].params.value - escrow.getSession(_live[i].id).collected;
        }
        assertEq(claimOf(address(escrow)), escrowed, "escrow's claim is not what its sessions hold");
    }

    function checkStake() external view {
        uint256 owed = staking.rewardsOf(address(this));
        for (uint256 i = 0; i < PROVIDERS; ++i) {
            uint256 bonds;
            for (uint256 k = 0; k < _live.length; ++k) {
                if (_live[k].params.provider == owners[i]) bonds += _live[k].params.bond;
            }
            assertEq(staking.getProvider(owners[i]).bonded, bonds, "bonds");
            assertAtMost(bonds, staking.getProvider(owners[i]).staked, "bonds are not covered by stake");
            owed += staking.getProvider(owners[i]).staked + staking.getProvider(owners[i]).unbonding;
        }
        for (uint256 i = 0; i < compensated.length; ++i) owed += compensation[compensated[i]];
        assertEq(demec.balanceOf(address(staking)), owed, "stake");
    }

    // ---- internals ----

    function anyone(uint256 seed) internal view returns (address) {
        return people[seed % PEOPLE];
    }

    function claimOf(address account) private view returns (uint256) {
        return market.claimOf(address(usd), account);
    }

    function freeStake(address owner) private view returns (uint256) {
        return staking.getProvider(owner).staked - staking.getProvider(owner).bonded;
    }

    /// @dev An offer whose bond the provider can cover.
    function affordable(
        uint256 id,
        uint256 provider,
        uint256 credits,
        uint256 bond
    ) internal returns (bool covered, Offer memory offer) {
        offer = makeOffer(id, owners[provider]);
        uint256 free = freeStake(owners[provider]);
        offer.bondPerCredit = uint128(0.1e18);
        if ((credits * offer.bondPerCredit) / 1e18 + 1 > free) return (false, offer);
        uint256 most = (free * 1e18) / credits;
        if (most > offer.bondPerCredit) {
            offer.bondPerCredit = uint128(bound(bond, offer.bondPerCredit, most < 1e24 ? most : 1e24));
        }
        return (true, offer);
    }

    function started(SessionParams memory params) internal {
        Live storage live = _live.push();
        live.params = params;
        live.id = SessionHashes.sessionId(params);
    }

    function pick(uint256 which) private view returns (bool found, Live storage live) {
        found = _live.length != 0;
        live = found ? _live[which % _live.length] : _nobody;
    }

    /// @dev A state with a greater seq and anything in it: more breaches than invocations, more credits than bought.
    function newer(Live storage live, uint256 seed, bool isFinal) private view returns (SessionState memory s) {
        s.sessionId = live.id;
        s.seq = live.newest.seq + 1 + uint64(seed % 3);
        s.creditsUsed = uint128(bound(seed, 0, (uint256(live.params.credits) * 3) / 2));
        s.invocations = uint64(bound(seed >> 8, 0, 1_000));
        s.breaches = uint64(bound(seed >> 16, 0, 1_200));
        s.receiptsRoot = bytes32(seed);
        s.isFinal = isFinal;
    }

    function signatures(Live storage live, SessionState memory s) private view returns (bytes memory, bytes memory) {
        uint256 operator = live.params.provider == owners[0] ? operators[0] : operators[1];
        return (signState(operator, s), signState(SESSION_KEY, s));
    }

    function settled(uint256 which, SessionState memory s) private {
        which %= _live.length;
        SessionParams memory params = _live[which].params;
        bytes32 id = _live[which].id;
        uint256 tolerated = (uint256(s.invocations) * params.toleranceBps + 9_999) / 10_000;
        uint256 breaches = s.breaches < s.invocations ? s.breaches : s.invocations;
        if (breaches > tolerated && params.bond != 0 && params.bondPenaltyBps != 0) {
            uint256 divisor = 10_000 * uint256(s.invocations);
            compensation[id] =
                (uint256(params.bond) * params.bondPenaltyBps * (breaches - tolerated) + divisor - 1) / divisor;
            compensatedBuyer[id] = params.buyer;
            compensated.push(id);
        }
        _live[which] = _live[_live.length - 1];
        _live.pop();
    }
}
