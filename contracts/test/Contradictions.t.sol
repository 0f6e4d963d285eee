// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FaultCourt} from "../FaultCourt.sol";
import {Errors} from "../libraries/Errors.sol";
import {SlaEscrow} from "../SlaEscrow.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {Charge, Output, Testimony} from "../types/FaultTypes.sol";
import {DemandAnswer, Offer, SessionParams} from "../types/SessionTypes.sol";
import {FaultFixture} from "./FaultFixture.sol";
import {vm} from "./Vm.sol";

/// @title Looks like the system's escrow to a court that is about to be deployed, and names it.
contract SlaEscrowNaming {
    SlaEscrow private immutable _escrow;
    address public immutable court;

    constructor(SlaEscrow escrow, address court_) {
        _escrow = escrow;
        court = court_;
    }

    function market() external view returns (address) {
        return address(_escrow.market());
    }

    function registry() external view returns (address) {
        return address(_escrow.registry());
    }

    function staking() external view returns (address) {
        return address(_escrow.staking());
    }
}

contract ContradictionsTest is FaultFixture {
    bytes32 private constant RUN = keccak256("run");
    bytes32 private constant OUTPUT = keccak256("heads");
    address private constant REPORTER = address(0x4E9);

    function report(Testimony memory first, Testimony memory second) private {
        vm.prank(REPORTER);
        court.reportContradiction(first, second);
    }

    function charged(bytes32 sessionId) private view returns (bool) {
        return court.chargeOf(sessionId).enforceableAt != 0;
    }

    // ---- what is a contradiction ----

    function test_TwoReceiptsOfOneExecutionThatDifferSlashBothBondsOnceTheGraceIsOver() public {
        (SessionParams memory one, ) = open(100 * CREDIT);
        (SessionParams memory two, ) = open(70 * CREDIT);
        (Testimony memory a, Testimony memory b) = contradict(one, two);
        report(a, b);
        assertEq(staked(), STAKE, "slashed before the grace was over");
        uint256 enforceableAt = block.timestamp + GRACE;
        vm.warp(enforceableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_TooEarly.selector, enforceableAt, enforceableAt - 1));
        court.enforceContradiction(one);
        vm.warp(enforceableAt);
        assertEq(court.enforceContradiction(one), one.bond, "first bond");
        assertEq(staked(), STAKE - one.bond, "first slash");
        court.enforceContradiction(two);
        assertEq(staked(), STAKE - one.bond - two.bond, "second slash");
        // Nineteen parts in twenty burn, the reporter gets the rest: framing oneself pays nobody.
        vm.prank(REPORTER);
        assertEq(staking.withdrawReward(REPORTER), (one.bond + two.bond) / 20, "reward");
    }

    /// Output, status and metered work are deterministic; times and the breach are not.
    function testFuzz_OnlyWhatIsDeterministicContradicts(
        uint8 outputs,
        uint8 status,
        uint64 bitOps,
        uint64 floatOps
    ) public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        bytes32 output = outputs % 4 == 0 ? bytes32(uint256(outputs)) : OUTPUT;
        (status, bitOps, floatOps) = (status % 2, 5 + (bitOps % 2), 6 + (floatOps % 2));
        bytes memory other = receipt(RUN, output, status, bitOps, floatOps);
        // Another breach flag, other bytes and times.
        other[66] = 0x01;
        for (uint256 i = 83; i < 103; ++i) other[i] = 0x11;
        Testimony memory a = testify(params, OPERATOR, receipt(RUN, OUTPUT, 0, 5, 6));
        Testimony memory b = testify(params, OPERATOR, other);
        bool same = output == OUTPUT && status == 0 && bitOps == 5 && floatOps == 6;
        if (same) vm.expectRevert(abi.encodeWithSelector(Errors.Court_NoContradiction.selector, RUN));
        report(a, b);
        assertTrue(charged(sessionId) != same, "charge");
    }

    function test_ReceiptsOfDifferentExecutionsDontContradict() public {
        (SessionParams memory params, ) = open(100 * CREDIT);
        Testimony memory a = testify(params, OPERATOR, receipt(RUN, OUTPUT, 0, 5, 6));
        Testimony memory b = testify(params, OPERATOR, receipt(keccak256("another"), OUTPUT, 1, 5, 6));
        vm.expectPartialRevert(Errors.Court_DifferentExecutions.selector);
        report(a, b);
    }

    function test_ReceiptsOfDifferentProvidersDontContradict() public {
        startProvider(0xCAFE, id, STAKE);
        (SessionParams memory one, ) = open(100 * CREDIT);
        Offer memory offer = makeOffer(id, vm.addr(0xCAFE + 1));
        SessionParams memory two = openSession(BUYER, offer, 0xCAFE, uint128(CREDIT), SESSION_KEY);
        Testimony memory a = testify(one, OPERATOR, receipt(RUN, OUTPUT, 0, 5, 6));
        Testimony memory b = testify(two, 0xCAFE, receipt(RUN, OUTPUT, 1, 5, 6));
        vm.expectPartialRevert(Errors.Court_DifferentProviders.selector);
        report(a, b);
    }

    /// What a provider lies about on chain, to end a demand, is held against it like any receipt.
    function test_AFalseAnswerToADemandContradictsAReceipt() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        Output memory output = outputOf("made up");
        DemandAnswer memory answer = answerFor(sessionId, output);
        Testimony memory b;
        (b.params, b.answer, b.operatorSig) = (params, answer, signAnswer(OPERATOR, answer));
        b.demandNonce = court.demandOf(sessionId).nonce;
        court.answerDemand(params, answer, b.operatorSig, output);

        Testimony memory a = testify(params, OPERATOR, receipt(answer.executionHash, OUTPUT, 0, 7, 0));
        b.demandNonce += 1;
        vm.expectPartialRevert(Errors.Court_ForeignDemand.selector);
        report(a, b);
        b.demandNonce -= 1;
        b.operatorSig = signAnswer(SESSION_KEY, answer);
        vm.expectPartialRevert(Errors.Court_ForeignSigner.selector);
        report(a, b);
        b.operatorSig = signAnswer(OPERATOR, answer);
        report(a, b);
        assertTrue(charged(sessionId), "charge");
    }

    // ---- attribution ----

    /// The sessions name the operators they were opened with, whatever the owner does with its keys since.
    function test_RotatingTheOperatorIsNoEscape() public {
        (SessionParams memory one, ) = open(100 * CREDIT);
        bytes memory consent = signConsent(0xBEEF, owner, uint64(block.timestamp));
        vm.prank(owner);
        staking.bindOperator(vm.addr(0xBEEF), uint64(block.timestamp), consent);
        vm.warp(block.timestamp + staking.ROTATION_DELAY());
        SessionParams memory two = openSession(BUYER, makeOffer(id, owner), 0xBEEF, uint128(CREDIT), SESSION_KEY);
        vm.startPrank(owner);
        staking.revokeOperator();
        staking.deregister();
        vm.stopPrank();
        report(
            testify(one, OPERATOR, receipt(RUN, OUTPUT, 0, 5, 6)),
            testify(two, 0xBEEF, receipt(RUN, OUTPUT, 0, 5, 7))
        );
        vm.warp(block.timestamp + GRACE);
        court.enforceContradiction(one);
        court.enforceContradiction(two);
        assertEq(staked(), STAKE - one.bond - two.bond, "slash");
    }

    function test_ABuyerCannotForgeATestimony() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        b.operatorSig = signState(SESSION_KEY, b.state);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Court_ForeignSigner.selector, vm.addr(OPERATOR), vm.addr(SESSION_KEY))
        );
        report(a, b);
        // A state of another session proves nothing about this one.
        (SessionParams memory other, ) = open(CREDIT);
        (, b) = contradict(params, other);
        b.params = params;
        vm.expectPartialRevert(Errors.Court_ForeignState.selector);
        report(a, b);
        // A session of the buyer's own making names any operator it likes, and does not exist.
        (, b) = contradict(params, params);
        b.params.operator = vm.addr(SESSION_KEY);
        vm.expectPartialRevert(Errors.Court_UnknownSession.selector);
        report(a, b);
        assertTrue(!charged(sessionId), "charge");
    }

    function test_AReceiptThatIsNotUnderTheSignedRootProvesNothing() public {
        (SessionParams memory params, ) = open(100 * CREDIT);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        bytes memory real = b.receipt;
        b.receipt = receipt(RUN, keccak256("forged"), 0, 5, 6);
        vm.expectPartialRevert(Errors.Court_Unproven.selector);
        report(a, b);
        b.receipt = real;
        b.index = 0;
        vm.expectPartialRevert(Errors.Court_Unproven.selector);
        report(a, b);
        (b.index, b.size) = (1, 3);
        vm.expectPartialRevert(Errors.Court_Unproven.selector);
        report(a, b);
        b.size = 2;
        report(a, b);
    }

    function test_WhatIsNoReceiptOfThisVersionProvesNothing() public {
        (SessionParams memory params, ) = open(100 * CREDIT);
        (Testimony memory a, ) = contradict(params, params);
        bytes memory later = receipt(RUN, OUTPUT, 1, 5, 6);
        later[0] = 0x02;
        Testimony memory b = testify(params, OPERATOR, later);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_BadReceipt.selector, 104));
        report(a, b);
        b = testify(params, OPERATOR, abi.encodePacked(receipt(RUN, OUTPUT, 1, 5, 6), uint8(0)));
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_BadReceipt.selector, 105));
        report(a, b);
    }

    // ---- once, and in time ----

    function test_ABondIsSlashedOnceHoweverOftenItsProviderContradictsItself() public {
        (SessionParams memory one, bytes32 oneId) = open(100 * CREDIT);
        (SessionParams memory two, bytes32 twoId) = open(100 * CREDIT);
        (Testimony memory a, Testimony memory b) = contradict(one, one);
        report(a, b);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NothingToCharge.selector, oneId, oneId));
        report(b, a);
        // The same lie again, now with another session: only that one is new.
        (a, b) = contradict(one, two);
        vm.prank(WATCHTOWER);
        court.reportContradiction(a, b);
        Charge memory charge = court.chargeOf(oneId);
        assertTrue(charge.reporter == REPORTER, "the first reporter was replaced");
        assertTrue(court.chargeOf(twoId).reporter == WATCHTOWER, "second reporter");
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NothingToCharge.selector, oneId, twoId));
        report(a, b);

        vm.warp(block.timestamp + GRACE);
        court.enforceContradiction(one);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NotCharged.selector, oneId));
        court.enforceContradiction(one);
        assertEq(staked(), STAKE - one.bond, "slash");
    }

    function test_SilenceAndContradictionTogetherTakeABondOnce() public {
        (SessionParams memory params, ) = openDemandable(100 * CREDIT);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        report(a, b);
        makeDemand(params);
        vm.warp(block.timestamp + GRACE);
        court.expireDemand(params);
        assertEq(court.enforceContradiction(params), 0, "slashed twice");
        assertEq(staked(), STAKE - params.bond, "stake");

        // And the other way round.
        (params, ) = openDemandable(100 * CREDIT);
        (a, b) = contradict(params, params);
        report(a, b);
        vm.warp(block.timestamp + GRACE);
        makeDemand(params);
        court.enforceContradiction(params);
        vm.warp(block.timestamp + WINDOW);
        court.expireDemand(params);
        assertEq(staked(), STAKE - 2 * uint256(params.bond), "stake");
    }

    /// A provider that settles and unstakes at once can't have withdrawn when the slash comes.
    function testFuzz_SettlingAndUnstakingAtOnceIsNoEscape(uint256 delay) public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        uint256 settledAt = block.timestamp;
        close(params, finalState(sessionId, 1, 0));
        vm.prank(owner);
        staking.requestUnstake(STAKE);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        delay = bound(delay, 0, UNBONDING_DELAY / 2);
        vm.warp(settledAt + delay);
        report(a, b);
        vm.warp(settledAt + delay + GRACE);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        vm.prank(owner);
        staking.withdraw(owner);
        assertEq(court.enforceContradiction(params), params.bond, "taken");
        assertEq(staking.getProvider(owner).unbonding, STAKE - params.bond, "unbonding");
    }

    function test_ASessionThatWasSettledTooLongAgoIsLeftAloneAndARecentOneIsNot() public {
        (SessionParams memory old, bytes32 oldId) = open(100 * CREDIT);
        close(old, finalState(oldId, 1, 0));
        vm.warp(block.timestamp + UNBONDING_DELAY / 2 + 1);
        (Testimony memory a, Testimony memory b) = contradict(old, old);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NothingToCharge.selector, oldId, oldId));
        report(a, b);
        (SessionParams memory recent, bytes32 recentId) = open(100 * CREDIT);
        (a, b) = contradict(old, recent);
        report(a, b);
        assertTrue(!charged(oldId) && charged(recentId), "charges");
    }

    /// Provider and buyer together can only burn the provider's own stake.
    function test_FramingOneselfTurnsNothingLiquidButASmallReward() public {
        (SessionParams memory params, ) = open(100 * CREDIT);
        uint256 supply = demec.totalSupply();
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        vm.prank(owner);
        court.reportContradiction(a, b);
        vm.warp(block.timestamp + GRACE);
        court.enforceContradiction(params);
        assertEq(demec.totalSupply(), supply - params.bond + params.bond / 20, "burned");
        vm.prank(owner);
        assertEq(staking.withdrawReward(owner), params.bond / 20, "reward");
    }

    function test_ASessionWithoutABondIsChargedForNothing() public {
        ServiceParams memory service = defaultService();
        service.minBondPerCredit = 0;
        uint256 free = createService(service);
        vm.prank(owner);
        registry.enrol(free);
        buy(BUYER, free, 100 * CREDIT);
        Offer memory offer = makeOffer(free, owner);
        offer.bondPerCredit = 0;
        SessionParams memory params = openSession(BUYER, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        report(a, b);
        vm.warp(block.timestamp + GRACE);
        assertEq(court.enforceContradiction(params), 0, "taken");
        assertEq(staked(), STAKE, "stake");
    }

    // ---- deployment ----

    function test_ACourtThatItsEscrowDoesNotNameIsRefused() public {
        vm.expectRevert(Errors.Court_Miswired.selector);
        new FaultCourt(escrow, GRACE);
    }

    function test_AGraceBeyondAQuarterOfTheUnbondingDelayIsRefused() public {
        uint256 most = UNBONDING_DELAY / 4;
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        SlaEscrowNaming naming = new SlaEscrowNaming(escrow, next);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_GraceTooLong.selector, most + 1, most));
        new FaultCourt(SlaEscrow(address(naming)), most + 1);
    }
}
