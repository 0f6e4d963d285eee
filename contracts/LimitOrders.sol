// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccessToken} from "./AccessToken.sol";
import {BezierMarket} from "./BezierMarket.sol";
import {ILimitOrders} from "./interfaces/ILimitOrders.sol";
import {BitTree} from "./libraries/BitTree.sol";
import {Errors} from "./libraries/Errors.sol";
import {OrderQueue} from "./libraries/OrderQueue.sol";
import {PriceGrid} from "./libraries/PriceGrid.sol";
import {OrderView} from "./types/OrderTypes.sol";

/// @title Book of limit-sell orders beside the market, which knows nothing of it.
/// @dev Holds the credits that wait, and as a claim in the market the money that was not claimed yet. The only call to a
/// stranger is the last thing that `cancel` does, and the market's sales and claims call nobody: no guard is needed, and an
/// owner may place the next order from within the call that returns the credits of the last.
contract LimitOrders is ILimitOrders {
    using BitTree for BitTree.Set;
    using OrderQueue for OrderQueue.Queue;

    /// @notice Least size of an order, credits; the lot of its price when that is larger.
    uint256 public constant MIN_ORDER_CREDITS = 1e18;
    uint256 private constant BPS = 10_000;
    uint256 private constant TICK_LEVELS = 3;

    BezierMarket public immutable market;
    AccessToken public immutable accessToken;

    mapping(uint256 serviceId => BitTree.Set) private _ticks;
    mapping(uint256 lineId => OrderQueue.Queue) private _lines;

    constructor(BezierMarket market_) {
        market = market_;
        accessToken = market_.accessToken();
    }

    // ---- placing ----

    /// @notice Places an order for whoever owned the credits that arrive. Access token only.
    /// @param credits 18 decimals, a whole number of the tick's lots
    /// @param data the ABI-encoded tick
    function onERC1155Received(
        address,
        address from,
        uint256 serviceId,
        uint256 credits,
        bytes calldata data
    ) external returns (bytes4) {
        if (msg.sender != address(accessToken)) revert Errors.LimitOrders_Forbidden(msg.sender);
        if (data.length != 32) revert Errors.LimitOrders_BadData(data.length);
        uint256 tick = uint256(bytes32(data));
        PriceGrid.validate(tick);
        uint256 lot = PriceGrid.lotOf(tick);
        if (credits % lot != 0) revert Errors.LimitOrders_NotWholeLots(credits, lot);
        if (credits < MIN_ORDER_CREDITS) {
            revert Errors.LimitOrders_TooSmall(credits, Math.max(MIN_ORDER_CREDITS, lot));
        }

        uint256 lineId = _lineId(serviceId, tick);
        OrderQueue.Queue storage line = _lines[lineId];
        // The first order of a line: the curve never changes, so neither does the supply down to which its price lasts.
        // Reverts for a price which the curve never reaches.
        if (line.count == 0) line.floorSupply = uint96(market.supplyAtPrice(serviceId, PriceGrid.priceOf(tick)));
        if (line.live == 0) _ticks[serviceId].add(tick, TICK_LEVELS);
        uint256 orderId = (lineId << 32) | line.append(from, credits / lot);
        emit OrderPlaced(orderId, serviceId, from, tick, credits);
        return IERC1155Receiver.onERC1155Received.selector;
    }

    // ---- ending ----

    /// @inheritdoc ILimitOrders
    function cancel(uint256 orderId, address to) external returns (uint256 credits) {
        (uint256 serviceId, uint256 tick, OrderQueue.Queue storage line, uint256 index) = _locate(orderId);
        if (_ownerOf(orderId, line, index) != msg.sender) revert Errors.LimitOrders_Forbidden(msg.sender);
        credits = line.cancel(index) * PriceGrid.lotOf(tick);
        if (credits == 0) revert Errors.LimitOrders_NothingToCancel(orderId);
        _leaveTurn(serviceId, tick, line);
        emit OrderCancelled(orderId, to, credits);
        // Last: it calls the recipient when that is a contract.
        accessToken.safeTransferFrom(address(this), to, serviceId, credits, "");
    }

    /// @inheritdoc ILimitOrders
    function claim(uint256 orderId) external returns (uint256 credits, uint256 proceeds) {
        (uint256 serviceId, uint256 tick, OrderQueue.Queue storage line, uint256 index) = _locate(orderId);
        address owner = _ownerOf(orderId, line, index);
        (credits, proceeds) = line.settle(index);
        if (credits == 0) revert Errors.LimitOrders_NothingToClaim(orderId);
        credits *= PriceGrid.lotOf(tick);
        emit OrderClaimed(orderId, owner, credits, proceeds);
        market.transferClaim(_paymentToken(serviceId), owner, proceeds);
    }

    // ---- filling ----

    /// @inheritdoc ILimitOrders
    function fill(
        uint256 serviceId,
        uint256 maxCredits,
        uint256 maxRuns,
        uint256 minTip,
        address tipTo
    ) external returns (uint256 credits, uint256 tip) {
        for (; maxRuns != 0; --maxRuns) {
            (bool found, uint256 tick) = _ticks[serviceId].lowest(0, TICK_LEVELS);
            if (!found) break;
            (uint256 sold, uint256 runTip) = _fillRun(serviceId, tick, maxCredits - credits);
            // The one whose turn it is can't be served: nor can anyone else.
            if (sold == 0) break;
            credits += sold;
            tip += runTip;
        }
        if (credits == 0) revert Errors.LimitOrders_NothingToFill(serviceId);
        if (tip < minTip) revert Errors.LimitOrders_TipBelowLimit(tip, minTip);
        if (tip != 0) market.transferClaim(_paymentToken(serviceId), tipTo, tip);
    }

    /// @dev Sells the orders of one tick that wait behind each other, as many as fit. Where the market's supply stands above
    /// `floorSupply` the curve's price is at least the tick's.
    function _fillRun(
        uint256 serviceId,
        uint256 tick,
        uint256 maxCredits
    ) private returns (uint256 credits, uint256 tip) {
        OrderQueue.Queue storage line = _lines[_lineId(serviceId, tick)];
        OrderQueue.Stretch memory stretch = line.nextStretch();
        uint256 lots = Math.saturatingSub(market.supplyOf(serviceId), line.floorSupply);
        lots = Math.min(stretch.lots, Math.min(lots, maxCredits) / PriceGrid.lotOf(tick));
        if (lots == 0) return (0, 0);

        uint256 proceeds;
        (credits, proceeds, tip) = _sell(serviceId, tick, lots);
        line.advance(stretch, lots, proceeds - tip);
        _leaveTurn(serviceId, tick, line);
        emit OrdersFilled(serviceId, tick, msg.sender, credits, proceeds, tip);
    }

    /// @dev That the area under the curve, in whole base units, is no less than the price of these lots, the market checks:
    /// `due` is that price exactly.
    function _sell(
        uint256 serviceId,
        uint256 tick,
        uint256 lots
    ) private returns (uint256 credits, uint256 proceeds, uint256 tip) {
        credits = lots * PriceGrid.lotOf(tick);
        uint256 due = lots * PriceGrid.lotPriceOf(tick);
        proceeds = market.sell(serviceId, credits, due, address(this), block.timestamp);
        tip = Math.min((proceeds * PriceGrid.tipBpsOf(tick)) / BPS, proceeds - due);
    }

    // ---- views ----

    /// @inheritdoc ILimitOrders
    function getOrder(uint256 orderId) external view returns (OrderView memory order) {
        OrderQueue.Queue storage line;
        uint256 index;
        (order.serviceId, order.tick, line, index) = _locate(orderId);
        order.owner = _ownerOf(orderId, line, index);
        order.priceWad = PriceGrid.priceOf(order.tick);
        order.tipBps = PriceGrid.tipBpsOf(order.tick);
        uint256 lot = PriceGrid.lotOf(order.tick);
        uint256 sold;
        (sold, order.proceeds) = line.earned(index);
        order.sold = sold * lot;
        order.waiting = (line.orders[index].lots - sold) * lot;
    }

    /// @inheritdoc ILimitOrders
    function turn(uint256 serviceId) external view returns (bool found, uint256 tick, uint256 waiting) {
        (found, tick) = _ticks[serviceId].lowest(0, TICK_LEVELS);
        if (!found) return (false, 0, 0);
        waiting = _lines[_lineId(serviceId, tick)].live * PriceGrid.lotOf(tick);
    }

    /// @inheritdoc ILimitOrders
    function tickInfo(uint256 tick) external pure returns (uint256 priceWad, uint256 tipBps, uint256 lot) {
        PriceGrid.validate(tick);
        return (PriceGrid.priceOf(tick), PriceGrid.tipBpsOf(tick), PriceGrid.lotOf(tick));
    }

    // ---- internals ----

    /// @dev Service ids are counted up from 1: nothing is cut.
    function _lineId(uint256 serviceId, uint256 tick) private pure returns (uint256) {
        return (serviceId << 32) | tick;
    }

    function _locate(
        uint256 orderId
    ) private view returns (uint256 serviceId, uint256 tick, OrderQueue.Queue storage line, uint256 index) {
        (serviceId, tick, index) = (orderId >> 64, uint32(orderId >> 32), uint32(orderId));
        line = _lines[orderId >> 32];
    }

    /// @dev A tick where nobody waits has no turn.
    function _leaveTurn(uint256 serviceId, uint256 tick, OrderQueue.Queue storage line) private {
        if (line.live == 0) _ticks[serviceId].remove(tick, TICK_LEVELS);
    }

    function _ownerOf(
        uint256 orderId,
        OrderQueue.Queue storage line,
        uint256 index
    ) private view returns (address owner) {
        owner = line.orders[index].owner;
        if (owner == address(0)) revert Errors.LimitOrders_UnknownOrder(orderId);
    }

    function _paymentToken(uint256 serviceId) private view returns (address token) {
        (token, , , ) = market.listingOf(serviceId);
    }
}
