// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StakingHandler} from "./StakingHandler.sol";

/// @title What holds of stake, delegated or not, after any sequence of valid calls to every entry point.
contract StakingInvariantsTest {
    StakingHandler private _handler;

    function setUp() public {
        _handler = new StakingHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Stakes, exits, delegations, rewards, compensations and premiums are what the contracts hold, to the unit; shares are
    /// covered; bonds add up; what open sessions can still cost in penalties is covered by own stake.
    function invariant_EveryUnitOfStakeIsAccountedFor() external view {
        _handler.checkBalances();
        _handler.checkBonds();
    }
}
