// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Demand, Execution} from "../types/FaultTypes.sol";
import {DemandRefusal, Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {FalseMoney, Money, ShrinkingMoney} from "./HostileMoney.sol";
import {HostileFixture} from "./HostileFixture.sol";
import {vm} from "./Vm.sol";

/// @title Takes a unit of what is moved, from the moment it is told to.
contract LateTollMoney is Money {
    bool private _taking;

    function take() external {
        _taking = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_taking && from != address(0)) super._update(to, address(0x7011), 1);
    }
}

/// @title Deposits of demands in tokens that misbehave.
contract HostileDepositsTest is HostileFixture {
    uint128 private constant DEPOSIT = 1_000_001;

    function setUp() public {
        prepare();
    }

    function openDemandable(uint256 id) private returns (SessionParams memory params) {
        Offer memory offer = makeOffer(id, owner);
        (offer.demandMaxInputBytes, offer.demandWindow, offer.demandDeposit) = (64, 30 minutes, DEPOSIT);
        params = openSession(payer, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
    }

    function demandExpecting(SessionParams memory params, bytes memory reason) private {
        SessionState memory none;
        Execution memory execution;
        vm.expectRevert(reason);
        vm.prank(payer);
        court.demand(params, none, execution);
        assertEq(court.demandOf(SessionHashes.sessionId(params)).deadline, 0, "a demand without its deposit");
        assertEq(claim(params.paymentToken, address(court)), 0, "the court was credited nothing it did not get");
    }

    function test_ADepositThatDoesNotComeInWholeMakesNoDemand() public {
        LateTollMoney token = new LateTollMoney();
        uint256 id = serviceIn(address(token));
        buyAs(payer, id, CREDIT);
        SessionParams memory params = openDemandable(id);
        token.take();
        demandExpecting(
            params,
            abi.encodeWithSelector(Errors.Market_InexactPayment.selector, address(token), DEPOSIT, DEPOSIT - 1)
        );
        assertHonestServiceIsWhole();
    }

    function test_ATokenThatSaysFalseMakesNoDemand() public {
        FalseMoney token = new FalseMoney();
        uint256 id = serviceIn(address(token));
        buyAs(payer, id, CREDIT);
        SessionParams memory params = openDemandable(id);
        token.fail(true);
        demandExpecting(params, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        assertHonestServiceIsWhole();
    }

    function test_ATokenThatShrinksHoldsNoDemandUp() public {
        ShrinkingMoney token = new ShrinkingMoney();
        uint256 id = serviceIn(address(token));
        buyAs(payer, id, CREDIT);
        SessionParams memory params = openDemandable(id);
        SessionState memory none;
        Execution memory execution;
        vm.prank(payer);
        court.demand(params, none, execution);
        token.shrink(address(market), token.balanceOf(address(market)));
        Demand memory asked = court.demandOf(SessionHashes.sessionId(params));
        DemandRefusal memory refusal;
        refusal.demandId = court.demandIdOf(SessionHashes.sessionId(params), asked.executionHash, asked.nonce);
        court.refuseDemand(params, refusal, sign(OPERATOR, refusalDigest(refusal)));
        assertEq(claim(address(token), owner), DEPOSIT - DEPOSIT / 2, "the provider's half");
        assertEq(claim(address(token), payer), DEPOSIT / 2, "the buyer's half");
        assertHonestServiceIsWhole();
    }

    function refusalDigest(DemandRefusal memory refusal) private view returns (bytes32) {
        return digestFor(address(escrow), this.refusalHash(refusal));
    }

    function refusalHash(DemandRefusal calldata refusal) external pure returns (bytes32) {
        return SessionHashes.structHash(refusal);
    }
}
