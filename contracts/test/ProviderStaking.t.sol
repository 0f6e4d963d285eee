// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DelegatedStake} from "../DelegatedStake.sol";
import {DemecToken} from "../DemecToken.sol";
import {ProviderStaking} from "../ProviderStaking.sol";
import {Provider} from "../interfaces/IProviderStaking.sol";
import {Errors} from "../libraries/Errors.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract ProviderStakingTest is Fixture {
    uint256 private constant KEY = 0xA11CE;
    uint256 private constant STAKE = 5_000e18;
    address private constant REPORTER = address(0x4E9);
    address private constant BUYER = address(0xB0B);
    uint256 private id;
    address private owner;

    function setUp() public {
        deploySystem();
        id = createService(defaultService());
        owner = startProvider(KEY, id, STAKE);
    }

    function provider() private view returns (Provider memory) {
        return staking.getProvider(owner);
    }

    // ---- stake ----

    function test_StakeLeavesOnlyAfterTheUnbondingDelay() public {
        vm.startPrank(owner);
        staking.requestUnstake(1_000e18);
        uint256 releasableAt = block.timestamp + UNBONDING_DELAY;
        vm.warp(releasableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_StillUnbonding.selector, releasableAt, releasableAt - 1));
        staking.withdraw(owner);
        vm.warp(releasableAt);
        assertEq(staking.withdraw(owner), 1_000e18, "withdrawn");
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NothingToWithdraw.selector, owner));
        staking.withdraw(owner);
        vm.stopPrank();
        assertEq(demec.balanceOf(owner), 1_000e18, "received");
        assertEq(provider().staked, STAKE - 1_000e18, "left");
    }

    function test_ALaterRequestStartsTheDelayAnewForAllOfIt() public {
        vm.startPrank(owner);
        staking.requestUnstake(1_000e18);
        vm.warp(block.timestamp + UNBONDING_DELAY - 1);
        staking.requestUnstake(1);
        vm.warp(block.timestamp + 1);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        staking.withdraw(owner);
        vm.warp(block.timestamp + UNBONDING_DELAY - 1);
        assertEq(staking.withdraw(owner), 1_000e18 + 1, "withdrawn");
        vm.stopPrank();
    }

    function test_ZeroAmountsAndMoreThanTheFreeStakeAreRefused() public {
        vm.prank(address(escrow));
        staking.lockBond(owner, 4_000e18, 10_000);
        vm.startPrank(owner);
        vm.expectRevert(Errors.Staking_ZeroAmount.selector);
        staking.stake(0);
        vm.expectRevert(Errors.Staking_ZeroAmount.selector);
        staking.requestUnstake(0);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Staking_InsufficientFreeStake.selector, owner, 1_000e18, 1_000e18 + 1)
        );
        staking.requestUnstake(1_000e18 + 1);
        staking.requestUnstake(1_000e18);
        vm.expectRevert(Errors.Staking_ZeroRecipient.selector);
        staking.withdraw(address(0));
        vm.expectRevert(Errors.Staking_ZeroRecipient.selector);
        staking.withdrawReward(address(0));
        vm.expectRevert(Errors.Staking_ZeroRecipient.selector);
        staking.claimCompensation(0, address(0));
        vm.stopPrank();
    }

    function test_BondsAreNeverCountedTwice() public {
        vm.startPrank(address(escrow));
        staking.lockBond(owner, 3_000e18, 10_000);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Staking_InsufficientFreeStake.selector, owner, 2_000e18, 2_000e18 + 1)
        );
        staking.lockBond(owner, 2_000e18 + 1, 10_000);
        staking.lockBond(owner, 2_000e18, 10_000);
        staking.releaseBond(bytes32(uint256(1)), owner, 3_000e18, 10_000, 0, BUYER);
        vm.stopPrank();
        assertEq(provider().bonded, 2_000e18, "bonded");
        assertEq(provider().staked, STAKE, "a freed bond is stake again");
        assertEq(provider().unbonding, 0, "unbonding");
    }

    function test_OnlyTheEscrowLocksReleasesAndSlashes() public {
        bytes memory forbidden = abi.encodeWithSelector(Errors.Staking_Forbidden.selector, address(this));
        vm.expectRevert(forbidden);
        staking.lockBond(owner, 1, 10_000);
        vm.expectRevert(forbidden);
        staking.releaseBond(0, owner, 0, 10_000, 0, BUYER);
        vm.expectRevert(forbidden);
        staking.slash(owner, 1, REPORTER);
    }

    function test_AnyoneMayAddToAnOwnersStakeAndGetsNothingForIt() public {
        demec.approve(address(staking), 7e18);
        vm.expectRevert(Errors.Staking_ZeroAmount.selector);
        staking.stakeFor(owner, 0);
        staking.stakeFor(owner, 7e18);
        assertEq(staking.ownStakeOf(owner), STAKE + 7e18, "staked");
        assertEq(staking.ownStakeOf(address(this)), 0, "the payer's");
    }

    function test_ASupplyThatCouldOverflowAStakeIsRefused() public {
        uint256 most = 1 << 92;
        DelegatedStake pool = delegation();
        DemecToken token = new DemecToken(address(this), most + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_SupplyTooLarge.selector, most + 1, most));
        new ProviderStaking(token, address(escrow), pool, MIN_STAKE, UNBONDING_DELAY);
        token = new DemecToken(address(this), most);
        ProviderStaking largest = new ProviderStaking(token, address(escrow), pool, MIN_STAKE, UNBONDING_DELAY);
        assertEq(largest.minStake(), MIN_STAKE, "the largest supply");
    }

    function test_AMiswiredDelegatedStakeIsRefused() public {
        vm.expectRevert(Errors.Staking_Miswired.selector);
        new DelegatedStake(staking);
    }

    function test_MoreThanIsLockedIsNeverReleased() public {
        vm.startPrank(address(escrow));
        staking.lockBond(owner, 10e18, 10_000);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NotLocked.selector, 10e18 + 1));
        staking.releaseBond(0, owner, 10e18 + 1, 10_000, 0, BUYER);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NotLocked.selector, 10e18));
        staking.releaseBond(0, owner, 10e18, 10_000, STAKE + 1, BUYER);
        vm.stopPrank();
    }

    /// Any mix of sessions: each bond counts once, and what is left is exact to the unit.
    function testFuzz_BondsOfManySessionsAddUpAndComeBackWhole(uint256[8] memory seeds) public {
        uint256[8] memory bonds;
        uint256[8] memory rates;
        uint256 sum;
        vm.startPrank(address(escrow));
        for (uint256 i = 0; i < 8; ++i) {
            bonds[i] = bound(seeds[i], 0, STAKE - sum);
            rates[i] = bound(seeds[i] >> 128, 0, 10_000);
            staking.lockBond(owner, bonds[i], rates[i]);
            sum += bonds[i];
            assertEq(provider().bonded, sum, "bonded");
            assertEq(provider().free, STAKE - sum, "free");
        }
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Staking_InsufficientFreeStake.selector, owner, STAKE - sum, STAKE - sum + 1)
        );
        staking.lockBond(owner, STAKE - sum + 1, 0);
        uint256 penalties;
        for (uint256 i = 0; i < 8; ++i) {
            uint256 penalty = (bonds[i] * rates[i] + 9_999) / 10_000;
            staking.releaseBond(bytes32(i + 1), owner, bonds[i], rates[i], penalty, BUYER);
            penalties += penalty;
        }
        vm.stopPrank();
        assertEq(provider().bonded, 0, "still bonded");
        assertEq(provider().staked, STAKE - penalties, "staked");
        assertEq(demec.balanceOf(address(staking)), STAKE, "balance");
    }

    // ---- compensation ----

    function test_ACompensationIsPaidAfterTheUnbondingDelayAndOnce() public {
        bytes32 sessionId = keccak256("session");
        vm.startPrank(address(escrow));
        staking.lockBond(owner, 100e18, 10_000);
        staking.releaseBond(sessionId, owner, 100e18, 10_000, 30e18, BUYER);
        vm.stopPrank();
        assertEq(provider().staked, STAKE - 30e18, "staked");
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NotCompensated.selector, sessionId, address(this)));
        staking.claimCompensation(sessionId, address(this));
        vm.startPrank(BUYER);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        staking.claimCompensation(sessionId, BUYER);
        vm.warp(block.timestamp + UNBONDING_DELAY);
        assertEq(staking.claimCompensation(sessionId, BUYER), 30e18, "paid");
        vm.expectPartialRevert(Errors.Staking_NotCompensated.selector);
        staking.claimCompensation(sessionId, BUYER);
        vm.stopPrank();
        assertEq(demec.balanceOf(BUYER), 30e18, "received");
    }

    // ---- slashing ----

    /// A slash takes free stake, then what unbonds; never another session's bond; burns all but the small reward.
    function test_SlashedStakeBurnsButForASmallReward() public {
        vm.prank(address(escrow));
        staking.lockBond(owner, 1_000e18, 10_000);
        vm.prank(owner);
        staking.requestUnstake(3_000e18);
        uint256 supply = demec.totalSupply();
        vm.prank(address(escrow));
        assertEq(staking.slash(owner, 2_000e18, REPORTER), 2_000e18, "taken");
        assertEq(provider().staked, 1_000e18, "only the bond is left staked");
        assertEq(provider().unbonding, 2_000e18, "unbonding");
        assertEq(demec.totalSupply(), supply - 1_900e18, "burned");
        vm.prank(REPORTER);
        assertEq(staking.withdrawReward(REPORTER), 100e18, "reward");
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_NothingToWithdraw.selector, REPORTER));
        vm.prank(REPORTER);
        staking.withdrawReward(REPORTER);
        assertSolvent(0);
    }

    /// What a slash finds missing is taken from bonds as they are freed, from new stake and from compensations.
    function test_NoWayAroundASlashByPayingOneself() public {
        bytes32 sessionId = keccak256("with oneself");
        vm.startPrank(address(escrow));
        staking.lockBond(owner, 2_000e18, 10_000);
        staking.lockBond(owner, 1_000e18, 10_000);
        staking.releaseBond(sessionId, owner, 2_000e18, 10_000, 2_000e18, BUYER);
        vm.stopPrank();
        assertEq(staking.compensationsOf(owner), 2_000e18, "compensations");
        vm.prank(owner);
        staking.requestUnstake(2_000e18);

        vm.prank(address(escrow));
        assertEq(staking.slash(owner, 4_000e18, REPORTER), 2_000e18, "what is free or unbonding");
        assertEq(provider().unbonding, 0, "unbonding");
        assertTrue(!provider().active, "an indebted provider is active");
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_Inactive.selector, owner));
        vm.prank(address(escrow));
        staking.lockBond(owner, 0, 10_000);

        vm.prank(address(escrow));
        staking.releaseBond(keccak256("other"), owner, 1_000e18, 10_000, 0, BUYER);
        assertEq(provider().staked, 0, "the freed bond went to what was missing");
        vm.warp(block.timestamp + UNBONDING_DELAY);
        vm.prank(BUYER);
        assertEq(staking.claimCompensation(sessionId, BUYER), 1_000e18, "the rest of what was missing was cut");
        assertEq(staking.compensationsOf(owner), 0, "compensations");

        demec.transfer(owner, 2_000e18);
        vm.startPrank(owner);
        demec.approve(address(staking), 2_000e18);
        staking.stake(2_000e18);
        vm.stopPrank();
        assertEq(provider().staked, 2_000e18, "nothing is missing any more");
        assertTrue(provider().active, "active again");
        assertSolvent(200e18);
    }

    /// New stake, whoever pays it, settles a debt first; what exceeds the debt is stake.
    function test_NewStakePaysAnEarlierDebtFirst() public {
        vm.startPrank(address(escrow));
        staking.lockBond(owner, STAKE, 10_000);
        assertEq(staking.slash(owner, STAKE, REPORTER), 0, "all of it is locked");
        vm.stopPrank();
        demec.approve(address(staking), STAKE + 3);
        uint256 supply = demec.totalSupply();
        staking.stakeFor(owner, STAKE - 1);
        assertEq(demec.totalSupply(), supply - (STAKE - 1) + (STAKE - 1) / 20, "burned but for the reward");
        assertEq(provider().staked, STAKE, "only what the bond holds is left");
        assertTrue(!provider().active, "indebted and active");
        staking.stakeFor(owner, 4);
        assertEq(demec.totalSupply(), supply - STAKE + (STAKE - 1) / 20, "burned to the unit, and no more");
        assertEq(provider().staked, STAKE + 3, "the rest is stake");
        assertTrue(provider().active, "out of debt and inactive");
        assertEq(staking.rewardsOf(REPORTER), (STAKE - 1) / 20, "the reporter's, late but all the same");
        assertSolvent((STAKE - 1) / 20);
    }

    function testFuzz_ASlashNeverTakesMoreThanThereIs(uint96 bond, uint96 exit, uint256 amount) public {
        uint256 locked = uint256(bond) % (STAKE + 1);
        uint256 leaving = uint256(exit) % (STAKE - locked + 1);
        amount = bound(amount, 0, 2 * STAKE);
        vm.prank(address(escrow));
        staking.lockBond(owner, locked, 10_000);
        if (leaving > 0) {
            vm.prank(owner);
            staking.requestUnstake(leaving);
        }
        vm.prank(address(escrow));
        uint256 taken = staking.slash(owner, amount, REPORTER);
        assertEq(taken, amount < STAKE - locked ? amount : STAKE - locked, "taken");
        assertAtMost(provider().bonded, provider().staked, "bonds are not covered");
        assertEq(provider().staked + provider().unbonding, STAKE - taken, "left");
        assertSolvent((taken * 500) / 10_000);
    }

    /// @dev The contract holds exactly what it owes to this provider, and the rewards.
    function assertSolvent(uint256 rewards) private view {
        assertEq(demec.balanceOf(address(staking)), provider().staked + provider().unbonding + rewards, "solvency");
    }

    // ---- activity ----

    /// Deregistering stops new sessions only: bonds stay, stake can leave by the usual way.
    function test_DeregisteringStopsNewSessionsOnly() public {
        vm.prank(address(escrow));
        staking.lockBond(owner, 1_000e18, 10_000);
        vm.prank(owner);
        staking.deregister();
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_Inactive.selector, owner));
        vm.prank(address(escrow));
        staking.lockBond(owner, 0, 10_000);
        vm.prank(address(escrow));
        staking.releaseBond(keccak256("s"), owner, 1_000e18, 10_000, 0, BUYER);
        vm.prank(owner);
        staking.requestUnstake(STAKE);
    }

    function test_AProviderBelowTheMinimumStakeIsInactive() public {
        vm.startPrank(owner);
        staking.requestUnstake(STAKE - MIN_STAKE);
        assertTrue(staking.isActive(owner), "inactive at the minimum");
        staking.requestUnstake(1);
        assertTrue(!staking.isActive(owner), "active below the minimum");
        vm.stopPrank();
    }
}
