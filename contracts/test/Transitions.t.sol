// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Execution, Output} from "../types/FaultTypes.sol";
import {DemandAnswer, DemandRefusal, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {FaultFixture} from "./FaultFixture.sol";
import {vm} from "./Vm.sol";

/// @title Every action in every state of a session: what is allowed happens, what is forbidden reverts with its reason.
contract TransitionsTest is FaultFixture {
    enum Situation {
        None,
        Open,
        Demanded,
        DemandDue,
        Closing,
        ClosingDue,
        ClosingDemanded,
        ClosingDemandDue,
        Settled,
        SettledDemanded
    }
    enum Action {
        Collect,
        Close,
        StartClosing,
        Challenge,
        Finish,
        Demand,
        Answer,
        Refuse,
        Expire
    }

    bytes4 private constant OK = 0;
    bytes4 private constant NOT_OPEN = Errors.Escrow_NotOpen.selector;
    bytes4 private constant NOT_CLOSING = Errors.Escrow_NotClosing.selector;
    bytes4 private constant DEMANDED = Errors.Escrow_Demanded.selector;
    bytes4 private constant EARLY = Errors.Escrow_TooEarly.selector;
    bytes4 private constant OVER = Errors.Escrow_ChallengeOver.selector;
    bytes4 private constant ASKED_NOTHING = Errors.Court_NotDemanded.selector;
    bytes4 private constant LATE = Errors.Court_TooLate.selector;
    bytes4 private constant COURT_EARLY = Errors.Court_TooEarly.selector;

    error Transition(Situation situation, Action action, bytes4 expected, bytes4 actual);

    /// @dev Columns as in `Action`: collect, close, startClosing, challenge, finish, demand, answer, refuse, expire.
    function expected(Situation situation) private pure returns (bytes4[9] memory) {
        bytes4 n = ASKED_NOTHING;
        if (situation == Situation.None) {
            return [NOT_OPEN, NOT_OPEN, NOT_OPEN, NOT_CLOSING, NOT_CLOSING, NOT_OPEN, n, n, n];
        }
        if (situation == Situation.Open) return [OK, OK, OK, NOT_CLOSING, NOT_CLOSING, OK, n, n, n];
        if (situation == Situation.Demanded) {
            return [OK, OK, OK, NOT_CLOSING, NOT_CLOSING, DEMANDED, OK, OK, COURT_EARLY];
        }
        if (situation == Situation.DemandDue) {
            return [OK, OK, OK, NOT_CLOSING, NOT_CLOSING, DEMANDED, LATE, LATE, OK];
        }
        if (situation == Situation.Closing) return [NOT_OPEN, OK, NOT_OPEN, OK, EARLY, NOT_OPEN, n, n, n];
        if (situation == Situation.ClosingDue) return [NOT_OPEN, OK, NOT_OPEN, OVER, OK, NOT_OPEN, n, n, n];
        if (situation == Situation.ClosingDemanded) {
            return [NOT_OPEN, OK, NOT_OPEN, OK, DEMANDED, NOT_OPEN, OK, OK, COURT_EARLY];
        }
        if (situation == Situation.ClosingDemandDue) {
            return [NOT_OPEN, OK, NOT_OPEN, OVER, DEMANDED, NOT_OPEN, LATE, LATE, OK];
        }
        if (situation == Situation.Settled) {
            return [NOT_OPEN, NOT_OPEN, NOT_OPEN, NOT_CLOSING, NOT_CLOSING, NOT_OPEN, n, n, n];
        }
        return [NOT_OPEN, NOT_OPEN, NOT_OPEN, NOT_CLOSING, NOT_CLOSING, NOT_OPEN, OK, OK, OK];
    }

    function test_ForbiddenTransitionsRevertWithTheirReasonAndAllowedOnesHappen() public {
        for (uint8 i = 0; i <= uint8(type(Situation).max); ++i) {
            for (uint8 k = 0; k <= uint8(type(Action).max); ++k) {
                (Situation situation, Action action) = (Situation(i), Action(k));
                SessionParams memory params = bring(situation);
                bytes4 actual = act(action, params);
                bytes4 right = expected(situation)[k];
                if (actual != right) revert Transition(situation, action, right, actual);
            }
        }
    }

    function bring(Situation situation) private returns (SessionParams memory params) {
        bytes32 sessionId;
        (params, sessionId) = openDemandable(10 * CREDIT);
        if (situation == Situation.None) {
            params.openedAt += 1;
            return params;
        }
        bool demands =
            situation == Situation.Demanded ||
                situation == Situation.DemandDue ||
                situation == Situation.ClosingDemanded ||
                situation == Situation.ClosingDemandDue ||
                situation == Situation.SettledDemanded;
        if (demands) makeDemand(params);
        if (situation >= Situation.Closing && situation <= Situation.ClosingDemandDue) {
            startClosingWithNone(owner, params);
        }
        if (situation == Situation.DemandDue) vm.warp(block.timestamp + WINDOW);
        if (situation == Situation.ClosingDue || situation == Situation.ClosingDemandDue) {
            vm.warp(deadlineOf(sessionId));
        }
        if (situation >= Situation.Settled) close(params, finalState(sessionId, 1, CREDIT));
    }

    /// @return Reason of the revert, 0 when there was none
    function act(Action action, SessionParams memory params) private returns (bytes4) {
        bytes32 sessionId = SessionHashes.sessionId(params);
        address target = action < Action.Demand ? address(escrow) : address(court);
        bytes memory data =
            action < Action.Demand ? escrowCall(action, params, sessionId) : courtCall(action, params, sessionId);
        fund(BUYER, params.demandDeposit);
        vm.prank(BUYER);
        (bool ok, bytes memory reason) = target.call(data);
        return ok ? OK : bytes4(reason);
    }

    function escrowCall(
        Action action,
        SessionParams memory params,
        bytes32 sessionId
    ) private view returns (bytes memory) {
        SessionState memory s = state(sessionId, 2, CREDIT);
        if (action == Action.Finish) {
            SessionState memory none;
            return abi.encodeCall(escrow.finish, (params, none));
        }
        if (action == Action.Close) s.isFinal = true;
        (bytes memory a, bytes memory b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        if (action == Action.Collect) return abi.encodeCall(escrow.collect, (params, s, a, b));
        if (action == Action.Close) return abi.encodeCall(escrow.close, (params, s, a, b));
        if (action == Action.StartClosing) return abi.encodeCall(escrow.startClosing, (params, s, a, b));
        return abi.encodeCall(escrow.challenge, (params, s, a, b));
    }

    function courtCall(Action action, SessionParams memory params, bytes32 sessionId) private returns (bytes memory) {
        if (action == Action.Demand) {
            SessionState memory none;
            Execution memory execution = anExecution();
            return abi.encodeCall(court.demand, (params, none, execution));
        }
        if (action == Action.Answer) {
            Output memory output = outputOf("result");
            DemandAnswer memory answer = answerFor(sessionId, output);
            return abi.encodeCall(court.answerDemand, (params, answer, signAnswer(OPERATOR, answer), output));
        }
        if (action == Action.Refuse) {
            DemandRefusal memory refusal = refusalFor(sessionId);
            return abi.encodeCall(court.refuseDemand, (params, refusal, signRefusal(OPERATOR, refusal)));
        }
        return abi.encodeCall(court.expireDemand, (params));
    }
}
