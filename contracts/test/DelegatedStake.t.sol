// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DelegationPoolView} from "../interfaces/IDelegatedStake.sol";
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
}
