// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PaymentHandler} from "./PaymentHandler.sol";

/// @title What holds after any sequence of valid calls to every entry point.
contract SystemTest {
    PaymentHandler private _handler;

    function setUp() public {
        _handler = new PaymentHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// reserve(service) == R(supply(service)); supply is what people hold; the market's money is its reserves and claims, to
    /// the unit; the escrow's claim is what its live sessions hold; bonds are covered; the stake is all accounted for.
    function invariant_EveryUnitIsAccountedFor() external view {
        uint256 reserves = _handler.checkReserves();
        _handler.checkClaims(reserves);
        _handler.checkStake();
    }
}
