// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Delegation, DelegationPoolView} from "../interfaces/IDelegatedStake.sol";
import {Errors} from "../libraries/Errors.sol";
import {DelegationFixture} from "./DelegationFixture.sol";
import {vm} from "./Vm.sol";

contract DelegatedStakeTest is DelegationFixture {
    // ---- shares ----

    function test_DelegatedStakeLeavesOnlyAfterTheUnbondingDelayAndNobodyCanHoldItUp() public {
        uint256 shares = delegateAs(ALICE, 100e18);
        assertEq(valueOf(ALICE), 100e18, "value");
        lock(1_100e18, 0);
        requestAs(ALICE, shares);
        uint256 releasableAt = block.timestamp + UNBONDING_DELAY;
        vm.warp(releasableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_StillUnbonding.selector, releasableAt, releasableAt - 1));
        vm.prank(ALICE);
        pool.withdrawDelegation(owner, ALICE);
        vm.warp(releasableAt);
        vm.expectRevert(Errors.Staking_ZeroRecipient.selector);
        vm.prank(ALICE);
        pool.withdrawDelegation(owner, address(0));
        assertEq(withdrawAs(ALICE), 100e18, "all of it, though a bond is still locked");
        assertEq(demec.balanceOf(ALICE), 100e18, "received");
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NothingToWithdraw.selector, ALICE));
        vm.prank(ALICE);
        pool.withdrawDelegation(owner, ALICE);
        assertPoolSolvent();
    }

    function test_ALaterRequestStartsTheDelayAnewForAllOfIt() public {
        uint256 shares = delegateAs(ALICE, 100e18);
        requestAs(ALICE, shares - 1);
        vm.warp(block.timestamp + UNBONDING_DELAY - 1);
        requestAs(ALICE, 1);
        vm.warp(block.timestamp + 1);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        vm.prank(ALICE);
        pool.withdrawDelegation(owner, ALICE);
    }

    function test_ZeroAmountsMoreSharesThanThereAreAndForeignSharesAreRefused() public {
        uint256 shares = delegateAs(ALICE, 100e18);
        vm.expectRevert(Errors.Staking_ZeroAmount.selector);
        pool.delegate(owner, 0, 0);
        vm.expectRevert(Errors.Staking_ZeroAmount.selector);
        pool.requestUndelegate(owner, 0);
        vm.expectRevert(Errors.Staking_ZeroAmount.selector);
        pool.addReward(owner, 0);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Staking_InsufficientShares.selector, owner, ALICE, shares, shares + 1)
        );
        vm.prank(ALICE);
        pool.requestUndelegate(owner, shares + 1);
        requestAs(ALICE, shares);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_InsufficientShares.selector, owner, ALICE, 0, 1));
        vm.prank(ALICE);
        pool.requestUndelegate(owner, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_InsufficientShares.selector, owner, BOB, 0, 1));
        vm.prank(BOB);
        pool.requestUndelegate(owner, 1);
    }

    function test_DelegatedStakeIsAtMostFourTimesTheOwners() public {
        delegateAs(ALICE, 4 * STAKE);
        give(BOB, address(pool), 1);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Staking_TooMuchDelegated.selector, owner, 4 * STAKE + 1, 4 * STAKE)
        );
        vm.prank(BOB);
        pool.delegate(owner, 1, 0);
        // Who is on the way out makes room.
        requestAs(ALICE, 1_000);
        vm.prank(BOB);
        pool.delegate(owner, 1, 0);
        // What counts falls with the owner's stake.
        vm.prank(owner);
        staking.requestUnstake(STAKE / 2);
        assertEq(poolNow().backing, 2 * STAKE, "backing");
    }

    function test_OnlyTheStakingContractTakesBackingAndSlashes() public {
        bytes memory forbidden = abi.encodeWithSelector(Errors.Staking_Forbidden.selector, address(this));
        vm.expectRevert(forbidden);
        pool.takeBacking(owner, 1, 1);
        vm.expectRevert(forbidden);
        pool.slash(owner, 1);
    }

    function test_ADelegatorThatSetsALimitNeverGetsFewerShares() public {
        uint256 shares = pool.previewDelegate(owner, 50e18);
        give(ALICE, address(pool), 50e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_TooFewShares.selector, shares, shares + 1));
        vm.prank(ALICE);
        pool.delegate(owner, 50e18, shares + 1);
        vm.prank(ALICE);
        assertEq(pool.delegate(owner, 50e18, shares), shares, "shares");
    }

    /// Going in and out, at any price of a share, gains nothing and loses a millionth at most.
    function testFuzz_GoingInAndOutNeverGains(uint256 first, uint256 rewarded, uint256 slashed, uint256 second) public {
        delegateAs(ALICE, bound(first, 1e6, STAKE));
        reward(bound(rewarded, 1, 1e24));
        vm.warp(block.timestamp + 3 * PERIOD);
        lock(STAKE + poolNow().backing / 2, 0);
        slash(bound(slashed, 0, STAKE + poolNow().backing / 2));
        release("s", provider().bonded, 0, 0);
        if (poolNow().assets == 0 || provider().staked == 0) return;
        uint256 others = valueOf(ALICE);
        uint256 amount = bound(second, 1, 2 * STAKE);
        if (poolNow().backing + amount > 4 * provider().staked || pool.previewDelegate(owner, amount) < 1_000) return;
        delegateAs(BOB, amount);
        assertAtMost(valueOf(BOB), amount, "gained at once");
        assertAtMost(amount - valueOf(BOB), 1 + amount / 1_000, "lost by rounding");
        assertAtMost(others, valueOf(ALICE), "the others lost");
        uint256 paid = leaveAs(BOB);
        // What is left of the rewards keeps coming in; here there is none.
        assertAtMost(paid, amount, "gained");
        assertAtMost(others, valueOf(ALICE), "the others lost");
        assertPoolSolvent();
    }

    // ---- rewards ----

    function test_ARewardVestsEvenlyOverTheNextPeriodToWhoeverIsThereThen() public {
        delegateAs(ALICE, 300e18);
        reward(70e18);
        assertEq(valueOf(ALICE), 300e18, "nothing vests in the period in which it comes");
        vm.warp(block.timestamp + PERIOD);
        assertEq(valueOf(ALICE), 300e18, "nothing yet");
        delegateAs(BOB, 100e18);
        vm.warp(block.timestamp + PERIOD / 2);
        assertClose(valueOf(ALICE), 300e18 + 26.25e18, "half, by shares");
        assertClose(valueOf(BOB), 100e18 + 8.75e18, "half, by shares");
        vm.warp(block.timestamp + 5 * PERIOD);
        assertClose(valueOf(ALICE), 300e18 + 52.5e18, "all");
        assertClose(valueOf(BOB), 100e18 + 17.5e18, "all");
        assertPoolSolvent();
    }

    /// Reading often or never, and adding dust, changes nothing of what vests when.
    function testFuzz_NobodyCanPutOffOrHastenAReward(uint256 seed) public {
        delegateAs(ALICE, 300e18);
        reward(70e18);
        uint256 start = block.timestamp + PERIOD;
        for (uint256 i = 0; i < 8; ++i) {
            vm.warp(block.timestamp + bound(uint256(keccak256(abi.encode(seed, i))), 1, PERIOD / 4));
            // A wei of reward writes everything down, and belongs to the next period.
            reward(1);
            if (block.timestamp < start) {
                assertEq(valueOf(ALICE), 300e18, "too early");
            } else {
                uint256 passed = block.timestamp - start < PERIOD ? block.timestamp - start : PERIOD;
                assertClose(valueOf(ALICE), 300e18 + (70e18 * passed) / PERIOD + 8, "on time");
            }
        }
        vm.warp(start + 4 * PERIOD);
        assertClose(valueOf(ALICE), 370e18 + 8, "all");
        assertPoolSolvent();
    }

    function test_ARewardWaitsWhileNobodyDelegates() public {
        demec.approve(address(pool), 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NothingDelegated.selector, owner));
        pool.addReward(owner, 1);
        delegateAs(ALICE, 100e18);
        requestAs(ALICE, sharesOf(ALICE));
        vm.warp(block.timestamp + 2 * PERIOD - 1);
        reward(70e18);
        withdrawAs(ALICE);
        vm.warp(block.timestamp + 10 * PERIOD);
        assertEq(poolNow().assets, 0, "it vested to nobody");
        delegateAs(BOB, 100e18);
        assertEq(valueOf(BOB), 100e18, "not at once");
        vm.warp(block.timestamp + 2 * PERIOD);
        assertClose(valueOf(BOB), 170e18, "the next delegators get it");
        assertPoolSolvent();
    }

    // ---- terms ----

    function test_TermsHoldAtOnceWhileNobodyDelegatesAndAfterNoticeFromThenOn() public {
        terms(500, 2_000);
        DelegationPoolView memory p = poolNow();
        assertEq(p.premiumBps, 500, "premium");
        assertEq(p.commissionBps, 2_000, "commission");
        assertEq(p.termsFrom, 0, "nothing is announced");
        delegateAs(ALICE, 100e18);
        terms(0, 3_000);
        uint256 from = block.timestamp + pool.termsNotice();
        assertEq(poolNow().termsFrom, from, "from");
        // Who leaves within the first half of the notice is out before.
        vm.warp(from - UNBONDING_DELAY);
        requestAs(ALICE, sharesOf(ALICE));
        vm.warp(from - 1);
        assertEq(poolNow().premiumBps, 500, "before");
        vm.warp(from);
        p = poolNow();
        assertEq(p.premiumBps, 0, "after");
        assertEq(p.commissionBps, 3_000, "after");
        assertEq(withdrawAs(ALICE), 100e18, "out");
    }

    function test_TermsAreBounded() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_TermsTooHigh.selector, 1_001, 1_000));
        terms(1_001, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_TermsTooHigh.selector, 3_001, 3_000));
        terms(0, 3_001);
        terms(1_000, 3_000);
    }

    function test_ACommissionBecomesTheOwnersOwnStakeAndIsRoundedDown() public {
        terms(0, 2_500);
        delegateAs(ALICE, 100e18);
        reward(7);
        assertEq(provider().staked, STAKE + 1, "commission");
        assertEq(poolNow().pending, 6, "reward");
        reward(80e18);
        assertEq(provider().staked, STAKE + 20e18 + 1, "commission");
        assertPoolSolvent();
        assertEq(demec.balanceOf(address(staking)), STAKE + 20e18 + 1, "staking's balance");
    }

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

    /// @dev Equal but for roundings, which go to the pool.
    function assertClose(uint256 actual, uint256 expected, string memory what) private pure {
        assertAtMost(actual, expected, what);
        assertAtMost(expected - actual, 1_000, what);
    }
}
