// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "./ERC3009.sol";

/// @title Test money with six decimals, permits and authorisations, for local and test networks: anyone mints any amount.
contract MockUsd is ERC20, ERC20Permit, ERC3009 {
    constructor() ERC20("Mock USD", "mUSD") ERC20Permit("Mock USD") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
