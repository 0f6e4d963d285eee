// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {DelegationFixture} from "./DelegationFixture.sol";
import {vm} from "./Vm.sol";

/// @title What a provider, its puppets and strangers may try, with their own stake and with that of delegators.
contract StakingAttacksTest is DelegationFixture {
    /// @dev All own stake but for the unit that penalties are rounded up to.
    uint256 private constant MOST = STAKE - (1 << 41);

    /// @dev What the attacker can spend: its own, its puppet's and its reporter's tokens.
    function loot() private view returns (uint256) {
        return demec.balanceOf(owner) + demec.balanceOf(PUPPET) + demec.balanceOf(REPORTER);
    }

    /// Sessions with oneself that breach in full, delegating to oneself, and every way out at once: before the unbonding
    /// delay is over nothing is liquid, and a slash still reaches all of it.
    function testFuzz_DealingWithOneselfFreesNoStakeBeforeTheUnbondingDelay(
        uint256 delegated,
        uint256 bond,
        uint256 unstaked,
        uint256 wait
    ) public {
        delegated = bound(delegated, 1, 4 * STAKE);
        delegateAs(PUPPET, delegated);
        bond = bound(bond, 1, MOST);
        lock(bond, 10_000);
        if (delegated > 1) lock(STAKE - bond + delegated / 2, 0);
        release("breached", bond, 10_000, bond);
        if (delegated > 1) release("kept", STAKE - bond + delegated / 2, 0, 0);
        uint256 free = provider().staked;
        if (free != 0) {
            vm.prank(owner);
            staking.requestUnstake(bound(unstaked, 1, free));
        }
        requestAs(PUPPET, sharesOf(PUPPET));
        assertEq(loot(), 0, "liquid at once");

        vm.warp(block.timestamp + bound(wait, 0, UNBONDING_DELAY - 1));
        vm.startPrank(PUPPET);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        pool.withdrawDelegation(owner, PUPPET);
        vm.expectPartialRevert(Errors.Staking_StillUnbonding.selector);
        staking.claimCompensation("breached", PUPPET);
        vm.stopPrank();

        uint256 backed = delegated > 1 ? delegated / 2 : 0;
        slash(STAKE + backed);
        vm.warp(block.timestamp + UNBONDING_DELAY);
        if (provider().unbonding != 0) {
            vm.prank(owner);
            staking.withdraw(owner);
        }
        vm.startPrank(PUPPET);
        staking.claimCompensation("breached", PUPPET);
        if (sharesOf(PUPPET) != 0) pool.withdrawDelegation(owner, PUPPET);
        vm.stopPrank();
        assertAtMost(loot(), delegated - backed, "something escaped the slash");
        assertEq(provider().staked, 0, "own stake");
    }

    /// Whatever a provider makes of its own stake first, reporting itself costs it twenty times what the reporter gets, and
    /// what delegators lose pays nobody.
    function testFuzz_FramingOneselfPaysNobody(
        uint256 delegated,
        uint256 penalty,
        uint256 amount,
        bool patient
    ) public {
        delegateAs(ALICE, bound(delegated, 1, 4 * STAKE));
        lock(MOST, 10_000);
        uint256 all = STAKE + poolNow().assets;
        lock(all - MOST, 0);
        // Own stake turned into a compensation for the puppet.
        penalty = bound(penalty, 1, MOST);
        release("breached", MOST, 10_000, penalty);
        uint256 got;
        if (patient) got = claimAsPuppet();
        uint256 before = provider().staked;
        slash(bound(amount, 1, all));
        release("kept", all - MOST, 0, 0);
        if (!patient) got = claimAsPuppet();
        uint256 lost = before - provider().staked + (penalty - got);
        uint256 reward = staking.rewardsOf(REPORTER);
        assertAtMost(reward, lost / 20, "more than a twentieth of what the provider lost");
        assertAtMost(lost / 20, reward + 2, "less than a twentieth");
    }

    function claimAsPuppet() private returns (uint256) {
        vm.warp(block.timestamp + UNBONDING_DELAY);
        vm.prank(PUPPET);
        return staking.claimCompensation("breached", PUPPET);
    }

    /// Own stake that is locked behind one's own session, or promised to oneself as a compensation, still comes first.
    function test_AnOwnerCannotShieldItsStakeAndLeaveASlashToDelegators() public {
        delegateAs(ALICE, 2 * STAKE);
        lock(MOST, 10_000);
        lock(STAKE, 0);
        release("honest", STAKE, 0, 0);
        // All own stake but for a rounding is held by the puppet's session.
        assertAtMost(slash(STAKE / 2), 1 << 41, "taken at once");
        assertEq(poolNow().assets, 2 * STAKE, "delegators paid for what the owner has");
        assertTrue(!provider().active, "indebted and active");
        release("puppet", MOST, 10_000, MOST);
        assertEq(slash(STAKE / 4), 0, "taken at once");
        assertEq(poolNow().assets, 2 * STAKE, "delegators paid for what the owner has");
        vm.warp(block.timestamp + UNBONDING_DELAY);
        vm.prank(PUPPET);
        assertEq(staking.claimCompensation("puppet", PUPPET), STAKE / 4, "the debts came out of it");
    }

    /// The first share's price can't be pushed up against those who come after: the attacker loses more than they can.
    function testFuzz_InflatingTheShareCostsTheAttackerMoreThanItsVictims(
        uint256 first,
        uint256 donation,
        uint256 victim
    ) public {
        first = bound(first, 1, 1e6);
        donation = bound(donation, 1, 1e24);
        uint256 shares = delegateAs(PUPPET, first);
        give(PUPPET, address(pool), donation);
        vm.prank(PUPPET);
        pool.addReward(owner, donation);
        vm.warp(block.timestamp + 2 * PERIOD);

        // Delegated stake may have become more than own stake can carry.
        give(owner, address(staking), 1e25);
        vm.prank(owner);
        staking.stake(1e25);
        victim = bound(victim, 1, 1e24);
        give(ALICE, address(pool), victim);
        vm.prank(ALICE);
        try pool.delegate(owner, victim, 0) {
            assertAtMost(victim - valueOf(ALICE), 1 + victim / 1_000, "the victim lost more than a thousandth");
            assertAtMost(valueOf(PUPPET), first + donation, "the attacker gained");
            uint256 lost = first + donation - valueOf(PUPPET);
            // Beside the attacker's shares there are a thousand that nobody owns.
            assertAtMost((donation * 1_000) / (shares + 1_000), lost + victim / 1_000 + 1, "the attack was too cheap");
        } catch {
            assertTrue(pool.previewDelegate(owner, victim) < 1_000, "refused without need");
        }
    }

    function test_TokensThatAreSentToTheContractsChangeNothing() public {
        delegateAs(ALICE, 100e18);
        uint256 shares = pool.previewDelegate(owner, 1e18);
        demec.transfer(address(pool), 1e24);
        demec.transfer(address(staking), 1e24);
        assertEq(pool.previewDelegate(owner, 1e18), shares, "share price");
        assertEq(valueOf(ALICE), 100e18, "value");
        assertEq(provider().staked, STAKE, "stake");
    }

    /// Who comes for a reward earns for the seconds it is there, all of which it can be slashed for.
    function test_ComingJustBeforeARewardEarnsNothingAtOnce() public {
        delegateAs(ALICE, 1_000e18);
        vm.warp(block.timestamp + PERIOD - 1);
        delegateAs(BOB, 1_000e18);
        reward(100e18);
        assertEq(valueOf(BOB), 1_000e18, "before it vests");
        vm.warp(block.timestamp + 1);
        requestAs(BOB, sharesOf(BOB));
        assertEq(valueOf(BOB), 1_000e18, "the moment it starts to vest");
        vm.warp(block.timestamp + PERIOD / 7);
        assertAtMost(valueOf(BOB), 1_000e18 + uint256(50e18) / 7, "more than a seventh of its half after a day");
        lock(provider().free, 0);
        slash(STAKE + 500e18);
        vm.warp(block.timestamp + UNBONDING_DELAY);
        assertAtMost(withdrawAs(BOB), 800e18, "it was slashed like all others");
    }

    /// Those who ask to leave before a slash, after it, or not at all, lose the same part.
    function testFuzz_TheWayOutIsNoWayAroundASlash(uint256 amount, uint256 wait) public {
        delegateAs(ALICE, 1_000e18);
        delegateAs(BOB, 1_000e18);
        delegateAs(PUPPET, 1_000e18);
        lock(STAKE + 2_000e18, 0);
        requestAs(BOB, sharesOf(BOB));
        vm.warp(block.timestamp + bound(wait, 0, UNBONDING_DELAY - 1));
        requestAs(PUPPET, sharesOf(PUPPET) / 2);
        slash(STAKE + bound(amount, 1, 2_000e18));
        assertEq(valueOf(ALICE), valueOf(BOB), "who left first");
        assertEq(valueOf(ALICE), valueOf(PUPPET), "who left by half");
        vm.warp(block.timestamp + UNBONDING_DELAY);
        uint256 value = valueOf(BOB);
        assertEq(withdrawAs(BOB), value, "paid");
        assertAtMost(value, valueOf(ALICE), "a withdrawal costs the others nothing");
        assertPoolSolvent();
    }

    /// Dust in any order, in and out, at an awkward price: nothing comes out that was not put in.
    function testFuzz_DustNeverAddsUp(uint256 seed) public {
        delegateAs(ALICE, 1e18 + 7);
        reward(3e17 + 1);
        vm.warp(block.timestamp + 2 * PERIOD);
        uint256 honest = valueOf(ALICE);
        uint256 paid;
        for (uint256 i = 0; i < 12; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint256 amount = bound(draw, 1, 50);
            if (pool.previewDelegate(owner, amount) >= 1_000) {
                delegateAs(BOB, amount);
                paid += amount;
            }
            uint256 shares = sharesOf(BOB) - pool.getDelegation(owner, BOB).exitingShares;
            if (shares != 0) requestAs(BOB, bound(draw >> 64, 1, shares));
            if (draw % 3 == 0 && pool.getDelegation(owner, BOB).exitingShares != 0) {
                vm.warp(block.timestamp + UNBONDING_DELAY);
                withdrawAs(BOB);
            }
        }
        assertAtMost(demec.balanceOf(BOB) + valueOf(BOB), paid, "dust was made");
        assertAtMost(honest, valueOf(ALICE), "others paid for it");
        assertPoolSolvent();
    }

    /// New terms can't catch those who leave when they are announced, nor be hidden behind a later announcement.
    function test_TermsCannotBeSprungOnDelegators() public {
        terms(1_000, 0);
        delegateAs(ALICE, 100e18);
        uint256 announced = block.timestamp;
        terms(0, 3_000);
        vm.warp(announced + pool.termsNotice() - 1);
        terms(0, 2_999);
        vm.warp(announced + pool.termsNotice());
        assertEq(poolNow().premiumBps, 1_000, "a replaced announcement took effect");
        assertEq(poolNow().termsFrom, announced + 2 * pool.termsNotice() - 1, "the notice started anew");
    }
}
