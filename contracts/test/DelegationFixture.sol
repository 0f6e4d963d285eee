// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DelegatedStake} from "../DelegatedStake.sol";
import {DelegationPoolView} from "../interfaces/IDelegatedStake.sol";
import {Provider} from "../interfaces/IProviderStaking.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title One provider with own stake, and people who stand behind it.
abstract contract DelegationFixture is Fixture {
    uint256 internal constant KEY = 0xA11CE;
    uint256 internal constant STAKE = 2_000e18;
    uint256 internal constant PERIOD = 7 days;
    address internal constant ALICE = address(0xA);
    address internal constant BOB = address(0xB);
    address internal constant PUPPET = address(0xC0FFEE);
    address internal constant REPORTER = address(0x4E9);

    DelegatedStake internal pool;
    address internal owner;

    function setUp() public virtual {
        deploySystem();
        owner = startProvider(KEY, createService(defaultService()), STAKE);
        pool = delegation();
        // The first second of a reward period.
        vm.warp(block.timestamp - (block.timestamp % PERIOD) + PERIOD);
    }

    function give(address account, address spender, uint256 amount) internal {
        demec.transfer(account, amount);
        vm.prank(account);
        demec.approve(spender, amount);
    }

    function delegateAs(address account, uint256 amount) internal returns (uint256 shares) {
        give(account, address(pool), amount);
        vm.prank(account);
        return pool.delegate(owner, amount, 0);
    }

    function requestAs(address account, uint256 shares) internal {
        vm.prank(account);
        pool.requestUndelegate(owner, shares);
    }

    function withdrawAs(address account) internal returns (uint256) {
        vm.prank(account);
        return pool.withdrawDelegation(owner, account);
    }

    /// @dev Leaves with everything: asks, waits, withdraws.
    function leaveAs(address account) internal returns (uint256) {
        requestAs(account, sharesOf(account));
        vm.warp(block.timestamp + UNBONDING_DELAY);
        return withdrawAs(account);
    }

    function reward(uint256 amount) internal {
        demec.approve(address(pool), amount);
        pool.addReward(owner, amount);
    }

    function terms(uint256 premiumBps, uint256 commissionBps) internal {
        vm.prank(owner);
        pool.announceTerms(premiumBps, commissionBps);
    }

    function lock(uint256 bond, uint256 penaltyBps) internal {
        vm.prank(address(escrow));
        staking.lockBond(owner, bond, penaltyBps);
    }

    function release(bytes32 id, uint256 bond, uint256 penaltyBps, uint256 penalty) internal {
        vm.prank(address(escrow));
        staking.releaseBond(id, owner, bond, penaltyBps, penalty, PUPPET);
    }

    function slash(uint256 amount) internal returns (uint256) {
        vm.prank(address(escrow));
        return staking.slash(owner, amount, REPORTER);
    }

    function sharesOf(address account) internal view returns (uint256) {
        return pool.getDelegation(owner, account).shares;
    }

    function valueOf(address account) internal view returns (uint256) {
        return pool.getDelegation(owner, account).value;
    }

    function poolNow() internal view returns (DelegationPoolView memory) {
        return pool.getPool(owner);
    }

    function provider() internal view returns (Provider memory) {
        return staking.getProvider(owner);
    }

    /// @dev The pool holds exactly what it counts.
    function assertPoolSolvent() internal view {
        DelegationPoolView memory p = poolNow();
        assertEq(demec.balanceOf(address(pool)), p.assets + p.streaming + p.pending, "pool's balance");
        assertAtMost(valueOf(ALICE) + valueOf(BOB) + valueOf(PUPPET) + valueOf(owner), p.assets, "shares are covered");
    }

    /// @dev Equal but for roundings, which go to the pool.
    function assertClose(uint256 actual, uint256 expected, string memory what) internal pure {
        assertAtMost(actual, expected, what);
        assertAtMost(expected - actual, 1_000, what);
    }
}
