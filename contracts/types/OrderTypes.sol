// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A limit-sell order as people see it. Amounts of credits have 18 decimals, money is in payment-token base units.
/// @param owner who gets the proceeds and may cancel
/// @param tick price and tip, see `PriceGrid`
/// @param priceWad least to get for every credit, tip already taken off; base units per whole credit × 1e18
/// @param tipBps most that whoever fills it gets of the proceeds, in 1/10,000
/// @param waiting credits that wait to be sold; 0 once cancelled
/// @param sold credits that were sold and whose proceeds were not yet claimed
/// @param proceeds what `claim` would pay
struct OrderView {
    address owner;
    uint256 serviceId;
    uint256 tick;
    uint256 priceWad;
    uint256 tipBps;
    uint256 waiting;
    uint256 sold;
    uint256 proceeds;
}
