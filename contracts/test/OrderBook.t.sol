// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderBookHandler} from "./OrderBookHandler.sol";

/// @title What holds after any sequence of placing, cancelling, filling, claiming and trading by others.
contract OrderBookTest {
    OrderBookHandler private _handler;

    function setUp() public {
        _handler = new OrderBookHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// The book holds the credits that wait and the money that was not claimed, to the unit; nobody was filled out of turn, nobody
    /// sold below their price, and sellers and fillers together got what the curve paid.
    function invariant_NothingAppearsOrVanishesInTheBook() external view {
        _handler.checkOrders();
    }
}
