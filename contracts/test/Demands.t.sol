// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {Execution, Output} from "../types/FaultTypes.sol";
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

contract DemandsTest is FaultFixture {
    // ---- who gets what ----

    function test_AnAnswerEndsTheDemandAndGetsTheProviderTheDeposit() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        assertEq(claim(address(court)), DEPOSIT, "deposit");
        Output memory output = outputOf("result");
        DemandAnswer memory answer = answerFor(sessionId, output);
        bytes memory signature = signAnswer(OPERATOR, answer);
        // Anyone may bring it.
        vm.prank(WATCHTOWER);
        court.answerDemand(params, answer, signature, output);
        assertEq(claim(owner), DEPOSIT, "provider");
        assertEq(claim(address(court)), 0, "court");
        assertEq(court.demandOf(sessionId).deadline, 0, "demand");
        assertStatus(sessionId, SessionStatus.Open);
        // And the next one can be made.
        makeDemand(params);
    }

    function test_ARefusalGetsTheProviderHalfRoundedUpAndTheBuyerTheRest() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        DemandRefusal memory refusal = refusalFor(sessionId);
        court.refuseDemand(params, refusal, signRefusal(OPERATOR, refusal));
        assertEq(claim(owner), DEPOSIT / 2 + 1, "provider");
        assertEq(claim(BUYER), DEPOSIT / 2, "buyer");
        assertEq(claim(address(court)), 0, "court");
        assertStatus(sessionId, SessionStatus.Open);
    }

    function test_SilenceReturnsTheDepositSlashesTheBondAndRefundsTheRemainder() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        uint256 deadline = block.timestamp + WINDOW;
        vm.warp(deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_TooEarly.selector, deadline, deadline - 1));
        court.expireDemand(params);
        vm.warp(deadline);
        vm.prank(WATCHTOWER);
        court.expireDemand(params);
        assertEq(claim(BUYER), DEPOSIT, "deposit");
        assertEq(staked(), STAKE - params.bond, "slash");
        assertEq(deadlineOf(sessionId), deadline + CHALLENGE_PERIOD, "challenge period");
        // The reward is the buyer's, whoever sent it.
        vm.prank(BUYER);
        assertEq(staking.withdrawReward(BUYER), params.bond / 20, "reward");

        SessionState memory none;
        vm.warp(deadline + CHALLENGE_PERIOD);
        escrow.finish(params, none);
        assertEq(claim(BUYER), DEPOSIT + params.value, "refund");
        assertEq(staking.getProvider(owner).bonded, 0, "bonded");
        assertEq(staked(), STAKE - params.bond, "slashed twice");
    }

    function test_ASilentProviderIsStillPaidForTheWorkItCanProve() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        vm.warp(block.timestamp + WINDOW);
        court.expireDemand(params);
        SessionState memory s = state(sessionId, 4, 25 * CREDIT);
        challenge(owner, params, s);
        vm.warp(deadlineOf(sessionId));
        escrow.finish(params, s);
        assertEq(claim(owner), params.value / 4, "provider");
        assertEq(claim(BUYER), DEPOSIT + params.value - params.value / 4, "buyer");
    }

    /// A deposit comes out of the buyer's claim first; tokens are pulled for what that does not cover.
    function testFuzz_ADepositIsTakenFromTheClaimThenPulledExactly(uint256 held) public {
        (SessionParams memory params, ) = openDemandable(1_000 * CREDIT);
        held = bound(held, 0, 2 * uint256(DEPOSIT));
        giveClaim(BUYER, held);
        uint256 fromClaim = held < DEPOSIT ? held : DEPOSIT;
        uint256 before = usd.balanceOf(BUYER);
        makeDemand(params);
        assertEq(before + fromClaim, usd.balanceOf(BUYER), "pulled");
        assertEq(claim(BUYER), held - fromClaim, "claim left");
        assertEq(claim(address(court)), DEPOSIT, "deposit");
    }

    function test_OnlyTheCourtTakesDeposits() public {
        fund(BUYER, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_Forbidden.selector, BUYER));
        vm.prank(BUYER);
        market.takeDeposit(address(usd), BUYER, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_Forbidden.selector, address(escrow)));
        vm.prank(address(escrow));
        market.takeDeposit(address(usd), BUYER, DEPOSIT);
    }

    // ---- no escape, no harassment ----

    /// A provider that starts to close gets out of nothing: the session waits until the demand has ended.
    function test_ClosingIsNoEscapeFromADemand() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        startClosingWithNone(owner, params);
        uint256 deadline = deadlineOf(sessionId);
        vm.warp(deadline);
        SessionState memory none;
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Demanded.selector, sessionId));
        escrow.finish(params, none);
        court.expireDemand(params);
        assertEq(deadlineOf(sessionId), deadline, "deadline moved");
        assertEq(staked(), STAKE - params.bond, "slash");
        escrow.finish(params, none);
        assertEq(claim(BUYER), DEPOSIT + params.value, "buyer");
    }

    /// And the buyer gains no delay that the offer did not name.
    function test_ADemandHoldsASessionNoLongerThanItsWindow() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        startClosingWithNone(owner, params);
        DemandRefusal memory refusal = refusalFor(sessionId);
        court.refuseDemand(params, refusal, signRefusal(OPERATOR, refusal));
        fund(BUYER, DEPOSIT);
        SessionState memory none;
        Execution memory execution = anExecution();
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Escrow_NotOpen.selector, sessionId, uint8(SessionStatus.Closing))
        );
        vm.prank(BUYER);
        court.demand(params, none, execution);
        vm.warp(deadlineOf(sessionId));
        escrow.finish(params, none);
        assertStatus(sessionId, SessionStatus.Settled);
    }

    /// What both sign settles at once, and makes a waiting demand pointless: the deposit is the buyer's again, nobody is
    /// slashed.
    function test_ASettlementByBothMakesADemandMoot() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        close(params, finalState(sessionId, 1, 0));
        court.expireDemand(params);
        assertEq(claim(BUYER), DEPOSIT + params.value, "buyer");
        assertEq(staked(), STAKE, "stake");
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NotDemanded.selector, sessionId));
        court.expireDemand(params);
    }

    function test_EveryDemandThatIsNotAnsweredWithOutputCostsItsSenderSomething() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        uint256 before = usd.balanceOf(BUYER) + claim(BUYER);
        for (uint256 i = 1; i <= 10; ++i) {
            makeDemand(params);
            DemandRefusal memory refusal = refusalFor(sessionId);
            court.refuseDemand(params, refusal, signRefusal(OPERATOR, refusal));
            assertEq(claim(owner), i * (DEPOSIT / 2 + 1), "provider");
        }
        assertEq(usd.balanceOf(BUYER) + claim(BUYER), before + 10 * (DEPOSIT / 2), "buyer");
    }

    // ---- terms ----

    function test_OnlyTheBuyerDemandsAndOnlyOnceAtATime() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        SessionState memory none;
        Execution memory execution = anExecution();
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_Forbidden.selector, address(this)));
        court.demand(params, none, execution);
        makeDemand(params);
        fund(BUYER, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Demanded.selector, sessionId));
        vm.prank(BUYER);
        court.demand(params, none, execution);
    }

    function test_WhatTheOfferDoesNotNameCannotBeDemanded() public {
        SessionState memory none;
        Execution memory execution = anExecution();
        for (uint256 i = 0; i < 2; ++i) {
            Offer memory offer = makeOffer(id, owner);
            if (i == 0) offer.demandWindow = WINDOW;
            else offer.demandMaxInputBytes = MAX_INPUT;
            SessionParams memory params = openSession(BUYER, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
            bytes32 sessionId = SessionHashes.sessionId(params);
            vm.expectRevert(abi.encodeWithSelector(Errors.Court_NoDemands.selector, sessionId));
            vm.prank(BUYER);
            court.demand(params, none, execution);
        }
    }

    /// Input, arguments and environment count together.
    function testFuzz_InputBeyondTheOfferedSizeIsRefused(uint8 input, uint8 arg, uint8 name) public {
        (SessionParams memory params, ) = openDemandable(100 * CREDIT);
        fund(BUYER, DEPOSIT);
        Execution memory execution = anExecution();
        execution.input = new bytes(input % 40);
        execution.args = new string[](1);
        execution.args[0] = string(new bytes(arg % 40));
        execution.env = new string[](2);
        execution.env[1] = string(new bytes(name % 40));
        uint256 size = uint256(input % 40) + (arg % 40) + (name % 40);
        SessionState memory none;
        if (size > MAX_INPUT) {
            vm.expectRevert(abi.encodeWithSelector(Errors.Court_InputTooLarge.selector, size, MAX_INPUT));
        }
        vm.prank(BUYER);
        court.demand(params, none, execution);
    }

    function test_AServiceWithoutCodeCannotBeDemanded() public {
        ServiceParams memory service = defaultService();
        service.codeHash = 0;
        uint256 bare = createService(service);
        vm.prank(owner);
        registry.enrol(bare);
        buy(BUYER, bare, 100 * CREDIT);
        Offer memory offer = makeOffer(bare, owner);
        (offer.demandMaxInputBytes, offer.demandWindow) = (MAX_INPUT, WINDOW);
        SessionParams memory params = openSession(BUYER, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
        SessionState memory none;
        Execution memory execution = anExecution();
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NoCode.selector, bare));
        vm.prank(BUYER);
        court.demand(params, none, execution);
    }

    function test_ASessionWhoseCreditsTheChainKnowsToBeUsedUpCannotBeDemanded() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        SessionState memory almost = state(sessionId, 1, 100 * CREDIT - 1);
        collect(params, almost);
        Execution memory execution = anExecution();
        fund(BUYER, 2 * uint256(DEPOSIT));
        SessionState memory none;
        vm.expectPartialRevert(Errors.Court_WrongState.selector);
        vm.prank(BUYER);
        court.demand(params, none, execution);
        vm.prank(BUYER);
        court.demand(params, almost, execution);
        DemandRefusal memory refusal = refusalFor(sessionId);
        court.refuseDemand(params, refusal, signRefusal(OPERATOR, refusal));

        SessionState memory all = state(sessionId, 2, 100 * CREDIT);
        collect(params, all);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_NoCreditsLeft.selector, 100 * CREDIT, 100 * CREDIT));
        vm.prank(BUYER);
        court.demand(params, all, execution);
    }

    function test_AFreeDemandMovesNoMoney() public {
        Offer memory offer = makeOffer(id, owner);
        (offer.demandMaxInputBytes, offer.demandWindow) = (MAX_INPUT, WINDOW);
        SessionParams memory params = openSession(BUYER, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
        makeDemand(params);
        DemandRefusal memory refusal = refusalFor(SessionHashes.sessionId(params));
        court.refuseDemand(params, refusal, signRefusal(OPERATOR, refusal));
        assertEq(claim(owner), 0, "provider");
    }

    // ---- answers ----

    function test_OnlyTheOperatorsAnswerToThisVeryDemandEndsIt() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        (, bytes32 otherId) = openDemandable(100 * CREDIT);
        bytes32 demandId = makeDemand(params);
        Output memory output = outputOf("result");
        DemandAnswer memory answer = answerFor(sessionId, output);
        bytes memory forged = signAnswer(0xBAD, answer);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_ForeignSigner.selector, vm.addr(OPERATOR), vm.addr(0xBAD)));
        court.answerDemand(params, answer, forged, output);

        bytes memory signature = signAnswer(OPERATOR, answer);
        vm.expectPartialRevert(Errors.Court_WrongOutput.selector);
        court.answerDemand(params, answer, signature, outputOf("another result"));

        answer.executionHash = keccak256("another execution");
        vm.expectPartialRevert(Errors.Court_ForeignExecution.selector);
        court.answerDemand(params, answer, signature, output);

        answer = answerFor(sessionId, output);
        answer.demandId = court.demandIdOf(otherId, answer.executionHash, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_ForeignDemand.selector, demandId, answer.demandId));
        court.answerDemand(params, answer, signature, output);

        DemandRefusal memory refusal = refusalFor(sessionId);
        forged = signRefusal(SESSION_KEY, refusal);
        vm.expectPartialRevert(Errors.Court_ForeignSigner.selector);
        court.refuseDemand(params, refusal, forged);
        assertEq(claim(address(court)), DEPOSIT, "deposit");
    }

    function test_AnAnswerIsWorthNothingForTheNextDemandOfTheSameExecution() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        Execution memory execution = anExecution();
        SessionState memory none;
        fund(BUYER, 2 * uint256(DEPOSIT));
        vm.prank(BUYER);
        court.demand(params, none, execution);
        Output memory output = outputOf("result");
        DemandAnswer memory answer = answerFor(sessionId, output);
        bytes memory signature = signAnswer(OPERATOR, answer);
        court.answerDemand(params, answer, signature, output);
        vm.prank(BUYER);
        court.demand(params, none, execution);
        vm.expectPartialRevert(Errors.Court_ForeignDemand.selector);
        court.answerDemand(params, answer, signature, output);
    }

    function test_AnAnswerAtTheDeadlineIsTooLate() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        makeDemand(params);
        DemandRefusal memory refusal = refusalFor(sessionId);
        bytes memory signature = signRefusal(OPERATOR, refusal);
        uint256 deadline = block.timestamp + WINDOW;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_TooLate.selector, deadline, deadline));
        court.refuseDemand(params, refusal, signature);
        vm.warp(deadline - 1);
        court.refuseDemand(params, refusal, signature);
    }

    /// Only the court can hold, fault or slash.
    function test_TheEscrowListensToItsCourtAlone() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        bytes memory refused = abi.encodeWithSelector(Errors.Escrow_Forbidden.selector, BUYER);
        vm.startPrank(BUYER);
        vm.expectRevert(refused);
        escrow.beginDemand(sessionId);
        vm.expectRevert(refused);
        escrow.endDemand(sessionId);
        vm.expectRevert(refused);
        escrow.faultClose(params);
        vm.expectRevert(refused);
        escrow.slashBond(params, BUYER);
        vm.stopPrank();
        params.value += 1;
        sessionId = SessionHashes.sessionId(params);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_UnknownSession.selector, sessionId));
        vm.prank(address(court));
        escrow.slashBond(params, BUYER);
    }
}
