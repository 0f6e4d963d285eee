// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DelegatedStake} from "../DelegatedStake.sol";
import {Delegation, DelegationPoolView} from "../interfaces/IDelegatedStake.sol";
import {Provider} from "../interfaces/IProviderStaking.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title Plays two providers, their delegators and the escrow at random, with valid input only: every revert is a failure.
contract StakingHandler is Fixture {
    struct Bond {
        address owner;
        uint256 amount;
        uint256 penaltyBps;
        bytes32 id;
    }

    uint256 private constant OWNERS = 2;
    uint256 private constant PEOPLE = 3;
    address private constant REPORTER = address(0x4E9);
    /// @dev What a share of nobody's could gain at most by rounding.
    uint256 private constant UNIT = 1 << 40;

    DelegatedStake public pool;
    address[OWNERS] private _owners;
    address[PEOPLE] private _people = [address(0xA), address(0xB), address(0xC)];
    Bond[] private _bonds;
    bytes32[] private _granted;
    mapping(bytes32 id => address) private _grantedBy;
    uint256 private _nextId;
    uint256 private _gifts;

    constructor() {
        deploySystem();
        uint256 id = createService(defaultService());
        for (uint256 i = 0; i < OWNERS; ++i) _owners[i] = startProvider(0x1000 * (i + 1), id, 10_000e18);
        pool = delegation();
    }

    // ---- owners ----

    function stake(uint256 who, uint256 amount) external {
        address owner = anyOwner(who);
        amount = bound(amount, 1, 1e22);
        give(owner, address(staking), amount);
        vm.prank(owner);
        staking.stake(amount);
    }

    function unstake(uint256 who, uint256 amount) external {
        address owner = anyOwner(who);
        uint256 free = ownFree(owner);
        if (free == 0) return;
        vm.prank(owner);
        staking.requestUnstake(bound(amount, 1, free));
    }

    function withdrawStake(uint256 who) external {
        address owner = anyOwner(who);
        Provider memory p = staking.getProvider(owner);
        if (p.unbonding == 0) return;
        if (block.timestamp < p.releasableAt) vm.warp(p.releasableAt);
        vm.prank(owner);
        staking.withdraw(owner);
    }

    function announceTerms(uint256 who, uint256 premiumBps, uint256 commissionBps) external {
        vm.prank(anyOwner(who));
        pool.announceTerms(bound(premiumBps, 0, 1_000), bound(commissionBps, 0, 3_000));
    }

    // ---- delegators ----

    function delegate(uint256 who, uint256 amount) external {
        address owner = anyOwner(who);
        uint256 most = 4 * staking.ownStakeOf(owner);
        uint256 staying = stayingWith(owner);
        if (staying >= most) return;
        amount = bound(amount, 1, most - staying);
        if (pool.previewDelegate(owner, amount) < 1_000) return;
        address person = anyone(who);
        give(person, address(pool), amount);
        uint256 shares = pool.previewDelegate(owner, amount);
        vm.prank(person);
        assertEq(pool.delegate(owner, amount, shares), shares, "shares are not the preview");
    }

    function requestUndelegate(uint256 who, uint256 shares) external {
        (address owner, address person) = (anyOwner(who), anyone(who));
        Delegation memory d = pool.getDelegation(owner, person);
        uint256 staying = d.shares - d.exitingShares;
        if (staying == 0) return;
        vm.prank(person);
        pool.requestUndelegate(owner, bound(shares, 1, staying));
    }

    function withdrawDelegation(uint256 who) external {
        (address owner, address person) = (anyOwner(who), anyone(who));
        Delegation memory d = pool.getDelegation(owner, person);
        if (d.exitingShares == 0) return;
        if (block.timestamp < d.releasableAt) vm.warp(d.releasableAt);
        vm.prank(person);
        pool.withdrawDelegation(owner, person);
    }

    function reward(uint256 who, uint256 amount) external {
        address owner = anyOwner(who);
        if (pool.getPool(owner).shares == 0) return;
        amount = bound(amount, 1, 1e21);
        demec.approve(address(pool), amount);
        pool.addReward(owner, amount);
    }

    /// @dev A gift to the contracts must change nothing.
    function gift(uint64 amount, bool toPool) external {
        _gifts += amount;
        demec.transfer(toPool ? address(pool) : address(staking), amount);
    }

    // ---- escrow ----

    function lock(uint256 who, uint256 amount, uint256 penaltyBps) external {
        address owner = anyOwner(who);
        if (!staking.isActive(owner)) return;
        Provider memory p = staking.getProvider(owner);
        if (p.bonded > p.staked && stayingWith(owner) < p.bonded - p.staked) return;
        (uint256 bond, uint256 rate) = (bound(amount, 0, ownFree(owner)), bound(penaltyBps, 0, 10_000));
        // Beyond own stake: a premium of up to a tenth, which lessens own stake and, fourfold, what may back.
        uint256 more = (p.free - ownFree(owner)) / 2;
        if (amount % 2 == 0 && more > 10) {
            more = bound(amount >> 1, 0, more - 10);
            if (penalties(owner) + more / 10 + 1 > p.staked) return;
            (bond, rate) = (ownFree(owner) + more, 0);
        } else if (p.bonded > p.staked) {
            if (p.free == 0 || penalties(owner) > p.staked) return;
            (bond, rate) = (0, 0);
        }
        vm.prank(address(escrow));
        staking.lockBond(owner, bond, rate);
        _bonds.push(Bond({owner: owner, amount: bond, penaltyBps: rate, id: bytes32(++_nextId)}));
    }

    function release(uint256 which, uint256 penalty) external {
        if (_bonds.length == 0) return;
        which %= _bonds.length;
        Bond memory bond = _bonds[which];
        penalty = bound(penalty, 0, mostPenalty(bond));
        vm.prank(address(escrow));
        staking.releaseBond(bond.id, bond.owner, bond.amount, bond.penaltyBps, penalty, anyone(which));
        if (penalty != 0) {
            _granted.push(bond.id);
            _grantedBy[bond.id] = anyone(which);
        }
        _bonds[which] = _bonds[_bonds.length - 1];
        _bonds.pop();
    }

    function claim(uint256 which) external {
        if (_granted.length == 0) return;
        which %= _granted.length;
        vm.warp(block.timestamp + UNBONDING_DELAY);
        vm.prank(_grantedBy[_granted[which]]);
        staking.claimCompensation(_granted[which], address(this));
        _granted[which] = _granted[_granted.length - 1];
        _granted.pop();
    }

    function slash(uint256 who, uint256 amount) external {
        address owner = anyOwner(who);
        uint256 before = pool.getPool(owner).assets;
        uint256 liability = staking.liabilityOf(owner);
        amount = bound(amount, 0, 2_000e18);
        uint256 supply = demec.totalSupply();
        vm.prank(address(escrow));
        uint256 taken = staking.slash(owner, amount, REPORTER);
        assertAtMost(taken, amount, "more than the slash");
        uint256 burned = supply - demec.totalSupply();
        assertAtMost(burned, taken, "burned");
        assertAtMost(taken - burned, taken / 20, "reward");
        uint256 left = pool.getPool(owner).assets;
        // Next to nothing is left to the next generation.
        assertAtMost(before - left, liability + before / 1e6 + 1, "delegators paid beyond their liability");
    }

    function withdrawReward() external {
        uint256 due = staking.rewardsOf(REPORTER);
        if (due == 0) return;
        vm.prank(REPORTER);
        assertEq(staking.withdrawReward(address(this)), due, "reward");
    }

    function passTime(uint32 duration) external {
        vm.warp(block.timestamp + (duration % 10 days));
    }

    // ---- what must hold ----

    /// @dev Stake, exits, debts and what is granted, against what the contracts hold.
    function checkBalances() external view {
        uint256 held = demec.balanceOf(address(staking)) + demec.balanceOf(address(pool));
        uint256 owed = _gifts + staking.rewardsOf(REPORTER);
        for (uint256 i = 0; i < OWNERS; ++i) {
            Provider memory p = staking.getProvider(_owners[i]);
            DelegationPoolView memory v = pool.getPool(_owners[i]);
            owed += p.staked + p.unbonding + staking.compensationsOf(_owners[i]);
            owed += v.assets + v.streaming + v.pending;
            uint256 value;
            uint256 shares;
            uint256 exiting;
            for (uint256 k = 0; k < PEOPLE; ++k) {
                Delegation memory d = pool.getDelegation(_owners[i], _people[k]);
                (value, shares, exiting) = (value + d.value, shares + d.shares, exiting + d.exitingShares);
            }
            assertAtMost(value, v.assets, "shares are worth more than the pool has");
            assertEq(shares, v.shares, "shares");
            assertEq(exiting, v.exitingShares, "exiting shares");
            assertAtMost(v.shares, v.assets * 1e9 + 1e9, "shares for one base unit");
        }
        assertEq(held, owed, "balance");
    }

    function checkBonds() external view {
        for (uint256 i = 0; i < OWNERS; ++i) {
            Provider memory p = staking.getProvider(_owners[i]);
            uint256 bonds;
            uint256 most;
            for (uint256 k = 0; k < _bonds.length; ++k) {
                if (_bonds[k].owner != _owners[i]) continue;
                bonds += _bonds[k].amount;
                most += mostPenalty(_bonds[k]);
            }
            assertEq(p.bonded, bonds, "bonds");
            assertAtMost(most, p.staked, "penalties are not covered by own stake");
        }
    }

    // ---- internals ----

    function mostPenalty(Bond memory bond) private pure returns (uint256) {
        return (bond.amount * bond.penaltyBps + 9_999) / 10_000;
    }

    /// @dev As the contract counts them: each rounded up to the unit.
    function penalties(address owner) private view returns (uint256 sum) {
        for (uint256 k = 0; k < _bonds.length; ++k) {
            if (_bonds[k].owner == owner) sum += ((mostPenalty(_bonds[k]) + UNIT - 1) / UNIT) * UNIT;
        }
    }

    function ownFree(address owner) private view returns (uint256) {
        Provider memory p = staking.getProvider(owner);
        return p.staked > p.bonded ? p.staked - p.bonded : 0;
    }

    function stayingWith(address owner) private view returns (uint256 staying) {
        (, staying) = pool.delegatedTo(owner);
    }

    function anyOwner(uint256 seed) private view returns (address) {
        return _owners[seed % OWNERS];
    }

    function anyone(uint256 seed) private view returns (address) {
        return _people[(seed >> 8) % PEOPLE];
    }

    function give(address account, address spender, uint256 amount) private {
        demec.transfer(account, amount);
        vm.prank(account);
        demec.approve(spender, amount);
    }
}
