// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LimitOrders} from "../LimitOrders.sol";
import {OrderView} from "../types/OrderTypes.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title The system with a book of orders, and helpers to trade in it.
abstract contract OrderBookFixture is Fixture {
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant CAROL = address(0xCA401);
    address internal constant FILLER = address(0xF111);
    /// @dev Of prices from $0.0100 to $0.0999, with six-decimals money.
    uint256 internal constant LOT = CREDIT / 10;

    LimitOrders internal book;
    mapping(uint256 lineId => uint256) private _placed;

    function deployBook() internal {
        deploySystem();
        book = new LimitOrders(market);
    }

    /// @dev The tick of price mantissa · 10^exponent and of a tip of 2^(tipClass − 1) basis points.
    function tickOf(uint256 mantissa, uint256 exponent, uint256 tipClass) internal pure returns (uint256) {
        return ((exponent - 8) * 9_000 + mantissa - 1_000) * 16 + 15 - tipClass;
    }

    /// @dev Of $0.0500 and the like, with six-decimals money: hundredths of a cent.
    function cents(uint256 hundredths, uint256 tipClass) internal pure returns (uint256) {
        return tickOf(hundredths * 10, 19, tipClass);
    }

    function place(address owner, uint256 serviceId, uint256 tick, uint256 credits) internal returns (uint256 orderId) {
        uint256 lineId = (serviceId << 32) | tick;
        orderId = (lineId << 32) | _placed[lineId];
        vm.prank(owner);
        accessToken.safeTransferFrom(owner, address(book), serviceId, credits, abi.encode(tick));
        counted(serviceId, tick);
        assertTrue(book.getOrder(orderId).owner == owner, "order id");
    }

    /// @dev An order was placed by other means.
    function counted(uint256 serviceId, uint256 tick) internal {
        ++_placed[(serviceId << 32) | tick];
    }

    function cancel(uint256 orderId) internal returns (uint256) {
        address owner = book.getOrder(orderId).owner;
        vm.prank(owner);
        return book.cancel(orderId, owner);
    }

    function fill(uint256 serviceId, uint256 maxCredits) internal returns (uint256 credits, uint256 tip) {
        vm.prank(FILLER);
        return book.fill(serviceId, maxCredits, 16, 0, FILLER);
    }

    function sell(address seller, uint256 serviceId, uint256 credits) internal returns (uint256) {
        vm.prank(seller);
        return market.sell(serviceId, credits, 0, seller, block.timestamp);
    }

    // ---- orders, 0 once they are gone ----

    function waitingOf(uint256 orderId) internal view returns (uint256) {
        return orderOf(orderId).waiting;
    }

    function soldOf(uint256 orderId) internal view returns (uint256) {
        return orderOf(orderId).sold;
    }

    function proceedsOf(uint256 orderId) internal view returns (uint256) {
        return orderOf(orderId).proceeds;
    }

    function orderOf(uint256 orderId) private view returns (OrderView memory order) {
        try book.getOrder(orderId) returns (OrderView memory found) {
            return found;
        } catch {
            return order;
        }
    }
}
