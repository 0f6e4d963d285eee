// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderView} from "../types/OrderTypes.sol";

/// @title Book of limit-sell orders: promises to sell credits along the curve once that pays at least a price for each.
/// @notice An order is placed by sending credits to the book: `AccessToken.safeTransferFrom` with the ABI-encoded tick as data.
/// The amount is a whole number of the tick's lots and at least `MIN_ORDER_CREDITS`. No allowance is ever needed.
///
/// Orders are filled in turn: lower price first, then higher tip, then earlier. A fill is a plain sale along the curve. The
/// seller gets its proceeds less the tip, which comes out of what the proceeds exceed the seller's price by: a seller never
/// gets less than their price for any credit, the tip already taken off.
///
/// An order's id is serviceId · 2^64 + tick · 2^32 + its number in the tick's line: within a service the lower id goes first.
interface ILimitOrders {
    event OrderPlaced(
        uint256 indexed orderId,
        uint256 indexed serviceId,
        address indexed owner,
        uint256 tick,
        uint256 credits
    );
    event OrderCancelled(uint256 indexed orderId, address indexed to, uint256 credits);
    event OrdersFilled(
        uint256 indexed serviceId,
        uint256 indexed tick,
        address indexed filler,
        uint256 credits,
        uint256 proceeds,
        uint256 tip
    );
    event OrderClaimed(uint256 indexed orderId, address indexed owner, uint256 credits, uint256 proceeds);

    /// @notice Takes what waits of the caller's order back. What was sold before stays to be claimed.
    /// @param to who gets the credits
    /// @return credits exactly those that were not sold; reverts when there are none
    function cancel(uint256 orderId, address to) external returns (uint256 credits);

    /// @notice Sells along the curve for the orders whose turn it is, as far as their price allows. Anyone may.
    /// @param maxCredits most to sell, 18 decimals; cut to whole lots
    /// @param maxRuns most stretches of orders to sell; what a call costs is bounded by it alone. A stretch is all orders of a
    /// tick that wait behind each other without a cancelled one between them, so one is usually a whole tick
    /// @param minTip least to get for it, payment-token base units
    /// @param tipTo whose claim in the market the tip becomes
    /// @return credits that were sold; reverts when nothing can be
    /// @return tip payment-token base units
    function fill(
        uint256 serviceId,
        uint256 maxCredits,
        uint256 maxRuns,
        uint256 minTip,
        address tipTo
    ) external returns (uint256 credits, uint256 tip);

    /// @notice Makes what an order has earned so far its owner's claim in the market. Anyone may call it for the owner.
    /// @return credits that were sold @return proceeds for them, the tip taken off; reverts when nothing was sold
    function claim(uint256 orderId) external returns (uint256 credits, uint256 proceeds);

    /// @notice An order that still has something to sell or to claim; reverts for any other.
    function getOrder(uint256 orderId) external view returns (OrderView memory);

    /// @notice The tick whose turn it is.
    /// @return found whether any order of the service waits @return tick its price and tip @return waiting its credits
    function turn(uint256 serviceId) external view returns (bool found, uint256 tick, uint256 waiting);

    /// @notice What a tick stands for; reverts for one that doesn't exist.
    /// @return priceWad base units per whole credit × 1e18 @return tipBps of the proceeds @return lot credits
    function tickInfo(uint256 tick) external pure returns (uint256 priceWad, uint256 tipBps, uint256 lot);
}
