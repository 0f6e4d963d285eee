// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title Access tokens: the id is the service's, the amount is in credits (18 decimals).
/// @notice Minted and burned by the market alone, which answers for every credit with its reserve.
contract AccessToken is ERC1155 {
    /// @notice The only account that mints and burns.
    address public immutable market;

    modifier onlyMarket() {
        _onlyMarket();
        _;
    }

    /// @param uri_ ERC-1155 metadata URI with `{id}` in it
    constructor(address market_, string memory uri_) ERC1155(uri_) {
        market = market_;
    }

    function mint(address to, uint256 serviceId, uint256 credits) external onlyMarket {
        _mint(to, serviceId, credits, "");
    }

    function burn(address from, uint256 serviceId, uint256 credits) external onlyMarket {
        _burn(from, serviceId, credits);
    }

    function _onlyMarket() private view {
        if (msg.sender != market) revert Errors.AccessToken_Forbidden(msg.sender);
    }
}
