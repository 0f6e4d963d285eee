// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PaymentHandler} from "./PaymentHandler.sol";

/// @title What holds after any sequence of payments by every method.
contract PaymentSystemTest {
    PaymentHandler private _handler;

    function setUp() public {
        _handler = new PaymentHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// reserve(service) == R(supply(service)); the market's money is its reserves and claims, to the unit; the escrow's claim
    /// is what its live sessions hold; no payment was taken that nobody owns.
    function invariant_EveryPaymentIsAccountedFor() external view {
        _handler.check();
    }
}
