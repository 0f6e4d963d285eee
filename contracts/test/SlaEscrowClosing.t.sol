// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Provider} from "../interfaces/IProviderStaking.sol";
import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState, SessionStatus, SettleItem} from "../types/SessionTypes.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {vm} from "./Vm.sol";

contract SlaEscrowClosingTest is EscrowFixture {
    // ---- closing ----

    /// Conservation to the unit: whatever was signed, the two shares are the value, and the bond comes back or is owed.
    function testFuzz_SettlementConservesValueAndBond(
        uint128 credits,
        uint128 used,
        uint64 invocations,
        uint64 breaches,
        uint128 collectedAt
    ) public {
        credits = uint128(bound(credits, 1e15, 10_000 * CREDIT));
        (SessionParams memory params, bytes32 sessionId) = open(credits);
        uint256 collected;
        if (collectedAt % 2 == 1) {
            SessionState memory early = state(sessionId, 1, collectedAt);
            collected = collect(params, early);
            assertEq(claim(owner), collected, "collected");
        }
        SessionState memory s = finalState(sessionId, 2, used);
        (s.invocations, s.breaches) = (invocations, breaches);
        close(params, s);
        assertEq(claim(owner) + claim(BUYER), params.value, "shares");
        assertAtMost(collected, claim(owner), "less than was collected");
        assertEq(claim(address(escrow)), 0, "something stayed in escrow");
        Provider memory p = staking.getProvider(owner);
        assertEq(p.bonded, 0, "bonded");
        assertEq(p.unbonding, 0, "a bond became liquid");
        assertAtMost(STAKE - p.staked, params.bond, "more than the bond was taken");
    }

    function test_AFinalStateSettlesAtOnceByAnyone() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = finalState(sessionId, 9, 25 * CREDIT);
        (bytes memory a, bytes memory b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.prank(WATCHTOWER);
        escrow.close(params, s, a, b);
        assertEq(claim(owner), params.value / 4, "provider");
        assertEq(claim(BUYER), params.value - params.value / 4, "buyer");
        assertStatus(sessionId, SessionStatus.Settled);
        // A settled session is over: nothing opens it again.
        expectSettled(params, sessionId);
    }

    function expectSettled(SessionParams memory params, bytes32 sessionId) private {
        SessionState memory s = state(sessionId, 1_000, 100 * CREDIT);
        SessionState memory f = finalState(sessionId, 1_001, 100 * CREDIT);
        bytes[4] memory signatures = [
            signState(OPERATOR, s),
            signState(SESSION_KEY, s),
            signState(OPERATOR, f),
            signState(SESSION_KEY, f)
        ];
        bytes memory notOpen = abi.encodeWithSelector(
            Errors.Escrow_NotOpen.selector,
            sessionId,
            uint8(SessionStatus.Settled)
        );
        bytes memory notClosing = abi.encodeWithSelector(
            Errors.Escrow_NotClosing.selector,
            sessionId,
            uint8(SessionStatus.Settled)
        );
        vm.startPrank(BUYER);
        vm.expectRevert(notOpen);
        escrow.close(params, f, signatures[2], signatures[3]);
        vm.expectRevert(notOpen);
        escrow.collect(params, s, signatures[0], signatures[1]);
        vm.expectRevert(notOpen);
        escrow.startClosing(params, s, signatures[0], signatures[1]);
        vm.expectRevert(notClosing);
        escrow.challenge(params, s, signatures[0], signatures[1]);
        vm.expectRevert(notClosing);
        escrow.finish(params, s);
        vm.stopPrank();
    }

    function test_EveryWrongStateIsRefused() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = finalState(sessionId, 2, CREDIT);
        bytes memory a = signState(OPERATOR, s);
        bytes memory b = signState(SESSION_KEY, s);
        bytes memory foreign = signState(0xBAD, s);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Escrow_ForeignSigner.selector, vm.addr(OPERATOR), vm.addr(0xBAD))
        );
        escrow.close(params, s, foreign, b);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Escrow_ForeignSigner.selector, vm.addr(SESSION_KEY), vm.addr(0xBAD))
        );
        escrow.close(params, s, a, foreign);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Escrow_ForeignSigner.selector, vm.addr(OPERATOR), vm.addr(SESSION_KEY))
        );
        escrow.close(params, s, b, a);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Final.selector, 2));
        escrow.collect(params, s, a, b);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Final.selector, 2));
        vm.prank(BUYER);
        escrow.startClosing(params, s, a, b);
        s.isFinal = false;
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_NotFinal.selector, 2));
        escrow.close(params, s, a, b);

        s = state(keccak256("another session"), 2, CREDIT);
        (a, b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_ForeignState.selector, sessionId, s.sessionId));
        escrow.collect(params, s, a, b);

        collect(params, state(sessionId, 5, CREDIT));
        s = state(sessionId, 5, 2 * CREDIT);
        (a, b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_StaleState.selector, 5, 5));
        escrow.collect(params, s, a, b);
        s = finalState(sessionId, 4, 2 * CREDIT);
        (a, b) = (signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_StaleState.selector, 4, 5));
        escrow.close(params, s, a, b);
    }

    /// Any change of the static part names a session that was never opened.
    function testFuzz_AlteredParametersNameNoSession(uint256 word, uint256 change) public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = finalState(sessionId, 1, CREDIT);
        bytes memory data = abi.encodeCall(
            escrow.close,
            (params, s, signState(OPERATOR, s), signState(SESSION_KEY, s))
        );
        word = word % 18;
        change = bound(change, 1, type(uint256).max);
        assembly ("memory-safe") {
            let slot := add(add(data, 36), mul(word, 32))
            mstore(slot, xor(mload(slot), change))
        }
        (bool ok, ) = address(escrow).call(data);
        assertTrue(!ok, "settled with altered parameters");
        assertStatus(sessionId, SessionStatus.Open);
    }

    // ---- leaving alone ----

    function test_ABuyerGetsOutAloneInOneTransactionPlusTheChallengePeriod() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        startClosingWithNone(BUYER, params);
        SessionState memory none;
        uint256 deadline = block.timestamp + CHALLENGE_PERIOD;
        vm.warp(deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_TooEarly.selector, deadline, deadline - 1));
        escrow.finish(params, none);
        vm.warp(deadline);
        vm.prank(WATCHTOWER);
        escrow.finish(params, none);
        assertEq(claim(BUYER), params.value, "refund");
        assertEq(claim(owner), 0, "provider");
        assertEq(staking.getProvider(owner).bonded, 0, "bond");
        assertStatus(sessionId, SessionStatus.Settled);
    }

    function test_AProviderGetsPaidWithoutTheBuyer() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = state(sessionId, 3, 60 * CREDIT);
        startClosing(vm.addr(OPERATOR), params, s);
        vm.warp(block.timestamp + CHALLENGE_PERIOD);
        escrow.finish(params, s);
        assertEq(claim(owner), (uint256(params.value) * 60) / 100, "provider");
        assertEq(claim(owner) + claim(BUYER), params.value, "shares");
    }

    function test_StrangersStartNoClosing() public {
        (SessionParams memory params, ) = open(100 * CREDIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Forbidden.selector, WATCHTOWER));
        startClosingWithNone(WATCHTOWER, params);
    }

    function test_ANewerStateReplacesAnOlderOneAndTheSidesReplyOnceEach() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        uint256 start = block.timestamp;
        startClosing(BUYER, params, state(sessionId, 3, 10 * CREDIT));
        assertEq(deadlineOf(sessionId), start + CHALLENGE_PERIOD, "first deadline");

        vm.warp(start + CHALLENGE_PERIOD - 1);
        challenge(owner, params, state(sessionId, 5, 20 * CREDIT));
        assertEq(deadlineOf(sessionId), start + 2 * CHALLENGE_PERIOD - 1, "the buyer's reply window");
        vm.warp(start + CHALLENGE_PERIOD + 10);
        challenge(BUYER, params, state(sessionId, 6, 21 * CREDIT));
        uint256 last = start + 2 * CHALLENGE_PERIOD + 10;
        assertEq(deadlineOf(sessionId), last, "the provider's reply window");
        vm.warp(start + CHALLENGE_PERIOD + 20);
        challenge(owner, params, state(sessionId, 7, 22 * CREDIT));
        challenge(BUYER, params, state(sessionId, 8, 23 * CREDIT));
        assertEq(deadlineOf(sessionId), last, "a second window was granted to a side");

        SessionState memory stale = state(sessionId, 8, 90 * CREDIT);
        (bytes memory a, bytes memory b) = (signState(OPERATOR, stale), signState(SESSION_KEY, stale));
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_StaleState.selector, 8, 8));
        escrow.challenge(params, stale, a, b);

        vm.warp(last);
        SessionState memory late = state(sessionId, 9, 90 * CREDIT);
        (a, b) = (signState(OPERATOR, late), signState(SESSION_KEY, late));
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_ChallengeOver.selector, last, last));
        escrow.challenge(params, late, a, b);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_StaleState.selector, 7, 8));
        escrow.finish(params, state(sessionId, 7, 22 * CREDIT));
        vm.expectPartialRevert(Errors.Escrow_WrongState.selector);
        escrow.finish(params, stale);
        escrow.finish(params, state(sessionId, 8, 23 * CREDIT));
        assertEq(claim(owner), (uint256(params.value) * 23) / 100, "provider");
    }

    function test_AWatchtowerGrantsOneWindowAndUsesUpNobodys() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        startClosingWithNone(owner, params);
        vm.warp(block.timestamp + 10);
        challenge(WATCHTOWER, params, state(sessionId, 1, CREDIT));
        uint256 deadline = block.timestamp + CHALLENGE_PERIOD;
        assertEq(deadlineOf(sessionId), deadline, "window");
        vm.warp(block.timestamp + 10);
        challenge(WATCHTOWER, params, state(sessionId, 2, CREDIT));
        assertEq(deadlineOf(sessionId), deadline, "second window");
        challenge(BUYER, params, state(sessionId, 3, CREDIT));
        assertEq(deadlineOf(sessionId), deadline + 10, "the provider's own window");
    }

    function test_AFinalStateSettlesAClosingSessionAtOnce() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        startClosing(BUYER, params, state(sessionId, 3, 10 * CREDIT));
        close(params, finalState(sessionId, 4, 50 * CREDIT));
        assertEq(claim(owner), params.value / 2, "provider");
    }

    /// What the chain has seen counts: closing with no state falls back on the one that was collected with.
    function test_ACollectedStateStandsWhenClosingWithNone() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = state(sessionId, 4, 50 * CREDIT);
        uint256 collected = collect(params, s);
        assertEq(collected, params.value / 2 - ((uint256(params.value) / 2) * 5_000 + 9_999) / 10_000, "certain");
        startClosingWithNone(BUYER, params);
        vm.warp(block.timestamp + CHALLENGE_PERIOD);
        SessionState memory none;
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_StaleState.selector, 0, 4));
        escrow.finish(params, none);
        escrow.finish(params, s);
        assertEq(claim(owner), params.value / 2, "provider");
        assertEq(claim(BUYER), params.value - params.value / 2, "buyer");
    }

    // ---- service level ----

    function test_BreachesBeyondTheToleranceCostARebateAndBond() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = finalState(sessionId, 1, 100 * CREDIT);
        // 1% of 1,000 is tolerated; 510 − 10 = 50% excess costs 25% of the value and 10% of the bond.
        (s.invocations, s.breaches) = (1_000, 510);
        close(params, s);
        uint256 rebate = (uint256(params.value) + 3) / 4;
        assertEq(claim(owner), params.value - rebate, "provider");
        assertEq(claim(BUYER), rebate, "buyer");
        assertEq(staking.getProvider(owner).staked, STAKE - 10e18, "stake");
        assertEq(staking.getProvider(owner).bonded, 0, "bonded");
        vm.warp(block.timestamp + UNBONDING_DELAY);
        vm.prank(BUYER);
        assertEq(staking.claimCompensation(sessionId, BUYER), 10e18, "compensation");
    }

    /// An owner that sells to itself and breaches everything frees no stake before the unbonding delay.
    function test_DealingWithOneselfFreesNoStakeEarly() public {
        ServiceParams memory params = defaultService();
        params.sla.toleranceBps = 0;
        params.sla.bondPenaltyBps = 10_000;
        uint256 own = createService(params);
        vm.prank(owner);
        registry.enrol(own);
        buy(owner, own, 1_000 * CREDIT);
        Offer memory offer = makeOffer(own, owner);
        offer.bondPerCredit = 100e18;
        SessionParams memory session = openSession(owner, offer, OPERATOR, uint128(1_000 * CREDIT), SESSION_KEY);
        bytes32 sessionId = SessionHashes.sessionId(session);
        uint256 opened = block.timestamp;
        SessionState memory s = finalState(sessionId, 1, 0);
        (s.invocations, s.breaches) = (1, 1);
        close(session, s);
        assertEq(demec.balanceOf(owner), 0, "stake became liquid");
        vm.startPrank(owner);
        vm.warp(opened + UNBONDING_DELAY - 1);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        staking.claimCompensation(sessionId, owner);
        vm.stopPrank();
        // And while it waits it can be slashed like any stake.
        vm.prank(address(escrow));
        staking.slash(owner, STAKE, WATCHTOWER);
        vm.warp(opened + UNBONDING_DELAY);
        vm.prank(owner);
        assertEq(staking.claimCompensation(sessionId, owner), 0, "escaped the slash");
    }

    // ---- many at once ----

    function test_SettleManySkipsBadItemsAndSettlesTheOthers() public {
        SettleItem[] memory items = new SettleItem[](6);
        uint256 expected;
        for (uint256 i = 0; i < 6; ++i) {
            (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
            SessionState memory s = finalState(sessionId, 1, 50 * CREDIT);
            items[i] = SettleItem(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
            if (i == 1) items[i].operatorSig = signState(0xBAD, s);
            if (i == 2) items[i].state.creditsUsed = 1;
            if (i == 3) items[i].params.value += 1;
            if (i == 4) {
                // Closing, past its deadline: settled without signatures.
                startClosingWithNone(BUYER, params);
                vm.warp(block.timestamp + CHALLENGE_PERIOD);
                delete items[i].state;
                (items[i].operatorSig, items[i].sessionKeySig) = (bytes(""), bytes(""));
            }
            if (i == 0 || i == 5) expected += params.value / 2;
        }
        assertEq(escrow.settleMany(items), 3, "settled");
        assertEq(claim(owner), expected, "provider");
        assertEq(escrow.settleMany(items), 0, "settled twice");
        assertEq(claim(owner), expected, "paid twice");
    }

    function test_SettleManyRefusesToSkipForLackOfGas() public {
        SettleItem[] memory items = new SettleItem[](1);
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        SessionState memory s = finalState(sessionId, 1, 50 * CREDIT);
        items[0] = SettleItem(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
        vm.expectPartialRevert(Errors.Escrow_TooLittleGas.selector);
        escrow.settleMany{gas: 290_000}(items);
    }
}
