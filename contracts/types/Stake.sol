// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";

/// @notice A provider's own stake, stake-token base units.
/// @param staked not unbonding, locked bonds included
/// @param bonded locked behind sessions; what exceeds `staked` is backed by delegated stake
/// @param penalties most that open sessions can still cost, in units of 2⁴⁰, each session rounded up
/// @param indebted earlier slashes found too little
struct Stake {
    uint256 staked;
    uint256 bonded;
    uint256 penalties;
    bool indebted;
}

/// @dev A `Stake` in one slot, read and written at once: 96 bits, 96 bits, 56 bits, 1 bit from the lowest on.
struct StakeSlot {
    uint256 word;
}

using {load, store, release} for StakeSlot global;

uint256 constant UINT96 = type(uint96).max;

function load(StakeSlot storage slot) view returns (Stake memory stake) {
    uint256 word = slot.word;
    stake.staked = word & UINT96;
    stake.bonded = (word >> 96) & UINT96;
    stake.penalties = (word >> 192) & type(uint56).max;
    stake.indebted = word >> 248 != 0;
}

/// @dev Fields must fit: see `MAX_SUPPLY` in `ProviderStaking`.
function store(StakeSlot storage slot, Stake memory stake) {
    uint256 word = stake.staked | (stake.bonded << 96) | (stake.penalties << 192);
    slot.word = stake.indebted ? word | (1 << 248) : word;
}

/// @dev Hot: unlocks a bond and takes a penalty in one word. The caller never releases more than it locked, nor a greater
/// penalty than it announced; that stake and bonds can bear it is checked all the same.
/// @return debtOrBacked whether the owner is indebted, or its bonds exceeded the own stake: rare, and worth a second look
/// @return backed what bonds exceeded the own stake by, if they did
function release(
    StakeSlot storage slot,
    uint256 bond,
    uint256 penaltyUnits,
    uint256 penalty
) returns (bool debtOrBacked, uint256 backed) {
    uint256 word = slot.word;
    uint256 staked = word & UINT96;
    uint256 bonded = (word >> 96) & UINT96;
    if (penalty > staked || bond > bonded) revert Errors.Staking_NotLocked(bond);
    unchecked {
        slot.word = word - (penalty | (bond << 96) | (penaltyUnits << 192));
        if (bonded > staked) (debtOrBacked, backed) = (true, bonded - staked);
        else debtOrBacked = word >> 248 != 0;
    }
}
