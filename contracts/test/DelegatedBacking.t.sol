// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Delegation} from "../interfaces/IDelegatedStake.sol";
import {Errors} from "../libraries/Errors.sol";
import {DelegationFixture} from "./DelegationFixture.sol";
import {vm} from "./Vm.sol";

contract DelegatedBackingTest is DelegationFixture {
    // ---- backing ----

    function test_OwnStakeBacksBondsFirstAndDelegatedStakeTheRestForAPremium() public {
        terms(100, 0);
        delegateAs(ALICE, 2 * STAKE);
        lock(STAKE - 100e18, 0);
        assertEq(provider().staked, STAKE, "own stake alone: no premium");
        assertEq(provider().free, 2 * STAKE + 100e18, "free");
        // 200e18 more than own stake bears, at one per cent; odd amounts are rounded up.
        lock(300e18, 0);
        assertEq(provider().staked, STAKE - 2e18, "premium");
        lock(1, 0);
        assertEq(provider().staked, STAKE - 2e18 - 1, "premium, rounded up");
        assertEq(poolNow().pending, 2e18 + 1, "reward");
        assertEq(staking.liabilityOf(owner), 200e18 + 1 + 2e18 + 1, "liability");
        vm.warp(block.timestamp + 2 * PERIOD);
        assertClose(valueOf(ALICE), 2 * STAKE + 2e18, "the premium is the delegators'");
        assertPoolSolvent();
    }

    function test_BondsNeverExceedOwnAndDelegatedStakeTogether() public {
        delegateAs(ALICE, STAKE);
        bytes memory refusal = abi.encodeWithSelector(
            Errors.Staking_InsufficientFreeStake.selector,
            owner,
            2 * STAKE,
            2 * STAKE + 1
        );
        vm.expectRevert(refusal);
        lock(2 * STAKE + 1, 0);
        lock(2 * STAKE, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_InsufficientFreeStake.selector, owner, 0, 1));
        lock(1, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_InsufficientFreeStake.selector, owner, 0, 1));
        vm.prank(owner);
        staking.requestUnstake(1);
    }

    /// The premium lessens the own stake, and fourfold what may stand behind it.
    function test_LeverageCountsOnWhatThePremiumLeavesOfOwnStake() public {
        terms(1_000, 0);
        delegateAs(ALICE, 4 * STAKE);
        // x beyond own stake fits when x ≤ 4·(S − x/10) − x/10, which is 4·S ≥ 1.5·x.
        uint256 most = STAKE + (4 * STAKE * 2) / 3;
        vm.expectPartialRevert(Errors.Staking_InsufficientFreeStake.selector);
        lock(most + 10, 0);
        lock(most - 10, 0);
    }

    function test_AProviderWhoseBackersLeaveOpensNothingMore() public {
        delegateAs(ALICE, STAKE);
        lock(2 * STAKE, 0);
        requestAs(ALICE, sharesOf(ALICE));
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_InsufficientFreeStake.selector, owner, 0, 0));
        lock(0, 0);
        release("s", 2 * STAKE, 0, 0);
        lock(STAKE, 0);
    }

    /// A penalty is the owner's alone: it can always be paid, and no delegator ever pays for it.
    function test_PenaltiesAreCoveredByOwnStakeAloneAndNeverTouchDelegators() public {
        delegateAs(ALICE, 4 * STAKE);
        // Bonds of 1,500, of which half could be lost: own stake covers it.
        lock(3 * (STAKE / 2), 5_000);
        uint256 unit = 1 << 40;
        vm.expectPartialRevert(Errors.Staking_PenaltiesUncovered.selector);
        lock(STAKE / 2 + unit, 5_000);
        lock(STAKE / 2 - 4 * unit, 5_000);
        release("a", 3 * (STAKE / 2), 5_000, 3 * (STAKE / 4));
        release("b", STAKE / 2 - 4 * unit, 5_000, STAKE / 4 - 2 * unit);
        assertEq(provider().staked, 2 * unit, "own stake paid");
        assertEq(valueOf(ALICE), 4 * STAKE, "delegators did not");
        assertEq(provider().bonded, 0, "bonded");
    }

    // ---- slashing ----

    function test_ASlashTakesAllOfTheOwnersFirstThenFromAllDelegatorsAlike() public {
        delegateAs(ALICE, 3 * STAKE);
        delegateAs(BOB, STAKE);
        requestAs(BOB, sharesOf(BOB) / 2);
        lock(3 * STAKE, 0);
        uint256 supply = demec.totalSupply();
        assertEq(slash(STAKE / 2), STAKE / 2, "taken");
        assertEq(provider().staked, STAKE / 2, "the owner's");
        assertEq(poolNow().assets, 4 * STAKE, "not the delegators'");
        assertEq(slash(STAKE), STAKE, "taken");
        assertEq(provider().staked, 0, "all of the owner's");
        assertClose(valueOf(ALICE), 3 * STAKE - (3 * STAKE) / 8, "three quarters of the rest");
        assertClose(valueOf(BOB), STAKE - STAKE / 8, "one quarter, unbonding or not");
        // The reward is of what the owner lost.
        assertEq(demec.totalSupply(), supply - (3 * STAKE) / 2 + STAKE / 20, "burned");
        vm.prank(REPORTER);
        assertEq(staking.withdrawReward(REPORTER), STAKE / 20, "reward");
        assertPoolSolvent();
    }

    function testFuzz_ASlashNeverExceedsItsAmountOrTheLiabilityAndLeavesBondsBacked(
        uint256 delegated,
        uint256 bond,
        uint256 penaltyBps,
        uint256 amount
    ) public {
        delegated = bound(delegated, 1, 4 * STAKE);
        delegateAs(ALICE, delegated);
        bond = bound(bond, 0, STAKE + delegated);
        lock(bond, bond > STAKE ? bound(penaltyBps, 0, (STAKE * 9_999) / bond) : bound(penaltyBps, 0, 10_000));
        amount = bound(amount, 0, 2 * (STAKE + delegated));
        uint256 liability = staking.liabilityOf(owner);
        assertEq(liability, bond > STAKE ? bond - STAKE : 0, "liability");
        uint256 taken = slash(amount);
        uint256 fromDelegators = delegated - demec.balanceOf(address(pool));
        assertAtMost(taken, amount, "more than the slash");
        assertAtMost(fromDelegators, liability, "more than delegators answer for");
        assertEq(taken, STAKE - provider().staked + fromDelegators, "taken is not what is gone");
        if (amount <= STAKE) assertEq(fromDelegators, 0, "delegators pay for what the owner has");
        else assertEq(fromDelegators, amount - STAKE < liability ? amount - STAKE : liability, "delegators' part");
        assertPoolSolvent();
        uint256 debt = amount - taken;
        release("s", bond, 0, 0);
        uint256 owed = STAKE - (amount < STAKE ? amount : STAKE);
        assertEq(provider().staked, owed, "the owner pays the rest when its bonds end");
        assertTrue(provider().active == (provider().staked >= MIN_STAKE && debt <= STAKE), "activity");
    }

    function test_DelegatorsAnswerForWhatTheyBackedUntilTheUnbondingDelayIsOverAndNoLonger() public {
        delegateAs(ALICE, 2 * STAKE);
        lock(2 * STAKE, 0);
        release("s", 2 * STAKE, 0, 0);
        assertEq(staking.liabilityOf(owner), STAKE, "liable after the end");
        vm.warp(block.timestamp + UNBONDING_DELAY - 1);
        lock(STAKE + 1, 0);
        release("t", STAKE + 1, 0, 0);
        assertEq(staking.liabilityOf(owner), STAKE, "the most of the last days");
        vm.warp(block.timestamp + UNBONDING_DELAY - 1);
        assertEq(slash(3 * STAKE), 2 * STAKE, "taken");
        assertEq(poolNow().assets, STAKE, "delegators' part");
        vm.warp(block.timestamp + 1);
        assertEq(staking.liabilityOf(owner), 0, "no longer liable");
        assertEq(slash(STAKE), 0, "taken");
        assertEq(poolNow().assets, STAKE, "delegators pay no more");
    }

    /// Bonds of long sessions outlast those who backed them: what delegators owed and took along is the owner's debt.
    function test_WhatDelegatorsAnsweredForAndAreGoneIsTheOwnersDebt() public {
        delegateAs(ALICE, STAKE);
        lock(2 * STAKE, 0);
        leaveAs(ALICE);
        assertEq(staking.liabilityOf(owner), STAKE, "liability");
        assertEq(slash(STAKE + 1), 0, "the owner's is held by the bond, the delegators' is gone");
        release("s", 2 * STAKE, 0, 0);
        assertEq(provider().staked, 0, "the owner's burned when the bond ended");
        assertTrue(!provider().active, "indebted and active");
        assertPoolSolvent();
    }

    function test_ATotalLossEndsAGenerationAndTheNextOneStartsAtPar() public {
        give(owner, address(staking), 4 * STAKE);
        vm.prank(owner);
        staking.stake(3 * STAKE);
        delegateAs(ALICE, 3 * STAKE);
        lock(7 * STAKE, 0);
        reward(5e18);
        // The owner's is held by the bonds: it goes when they end.
        assertEq(slash(7 * STAKE), 3 * STAKE, "taken");
        assertEq(poolNow().shares, 0, "shares");
        Delegation memory lost = pool.getDelegation(owner, ALICE);
        assertEq(lost.shares + lost.value + lost.exitingShares, 0, "lost");
        release("s", 7 * STAKE, 0, 0);
        assertEq(provider().staked, 0, "the owner's");
        vm.prank(owner);
        staking.stake(STAKE);
        assertEq(delegateAs(BOB, 10e18), 10e21, "at par");
        assertEq(valueOf(ALICE), 0, "still lost");
        assertEq(delegateAs(ALICE, 10e18), 10e21, "who lost may come back");
        vm.warp(block.timestamp + 2 * PERIOD);
        assertClose(valueOf(BOB), 12.5e18, "rewards that had not vested are the next ones'");
        assertPoolSolvent();
    }

    /// Total or nearly total losses, over and over: shares never outgrow their slot, and nobody is locked out.
    function testFuzz_AnyNumberOfHeavyLossesLeavesThePoolInOrder(uint256 seed) public {
        for (uint256 i = 0; i < 6; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            give(owner, address(staking), STAKE);
            vm.prank(owner);
            staking.stake(STAKE);
            uint256 before = valueOf(BOB);
            delegateAs(BOB, STAKE);
            assertAtMost(before + STAKE - (STAKE / 1_000 + 1), valueOf(BOB), "delegated at a loss");
            uint256 all = provider().free;
            lock(all, 0);
            slash(all - bound(draw, 0, 1e9));
            release(bytes32(i), all, 0, 0);
            assertAtMost(poolNow().shares, poolNow().assets * 1e9, "shares for one base unit");
            assertPoolSolvent();
        }
    }
}
