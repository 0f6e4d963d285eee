// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

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

using {load, store} for StakeSlot global;

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
