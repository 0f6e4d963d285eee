// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FaultsHandler} from "./FaultsHandler.sol";

/// @title What holds after any sequence of demands, answers, lies and settlements.
contract FaultsTest {
    FaultsHandler private _handler;

    function setUp() public {
        _handler = new FaultsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// The court holds the deposits that wait and nothing else; money adds up to the unit; no bond is taken twice.
    function invariant_DepositsMoneyAndBondsAreAccountedFor() external view {
        _handler.checkDeposits();
        _handler.checkMoney();
        _handler.checkSlashes();
    }
}
