// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The stake token: ERC-20 with permit (ERC-2612), minted once; slashed stake is burned.
contract DemecToken is ERC20, ERC20Burnable, ERC20Permit {
    /// @param holder receives the whole supply
    /// @param supply base units (18 decimals)
    constructor(address holder, uint256 supply) ERC20("deMEC", "DEMEC") ERC20Permit("deMEC") {
        _mint(holder, supply);
    }
}
