// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IBezierMarket} from "../interfaces/IBezierMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {PaymentLib} from "../libraries/PaymentLib.sol";
import {PausableGuard} from "../PausableGuard.sol";

/// @dev Who may take deposits is asked of the escrow: it is fixed there, and rarely used.
interface INamesCourt {
    function court() external view returns (address);
}

/// @title Payment tokens that are somebody's, until their owner takes them out.
/// @dev Money waits here for its owner to take it, so that no recipient and no token can stall anybody else.
abstract contract Claims is IBezierMarket, PausableGuard {
    using SafeERC20 for IERC20;

    address public immutable escrow;

    mapping(address token => mapping(address account => uint256)) internal claims;

    /// @param escrow_ redeems credits for their holder; its court takes deposits
    constructor(address escrow_) {
        escrow = escrow_;
    }

    /// @inheritdoc IBezierMarket
    /// @dev No guard: nothing is called, and no half-done trade depends on who owns a claim.
    function transferClaim(address token, address to, uint256 amount) external {
        if (to == address(0)) revert Errors.Market_ZeroRecipient();
        mapping(address account => uint256) storage ledger = claims[token];
        uint256 claim = ledger[msg.sender];
        if (claim < amount) revert Errors.Market_InsufficientClaim(token, msg.sender, claim, amount);
        // Bounded by the check above, and by the token's supply.
        unchecked {
            ledger[msg.sender] = claim - amount;
            ledger[to] += amount;
        }
        emit ClaimMoved(token, msg.sender, to, amount);
    }

    /// @inheritdoc IBezierMarket
    function withdraw(address token, address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert Errors.Market_ZeroRecipient();
        amount = claims[token][msg.sender];
        if (amount == 0) revert Errors.Market_NothingToWithdraw(token, msg.sender);
        claims[token][msg.sender] = 0;
        emit Withdrawn(token, msg.sender, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IBezierMarket
    function takeDeposit(address token, address from, uint256 amount) external nonReentrant {
        if (msg.sender != INamesCourt(escrow).court()) revert Errors.Market_Forbidden(msg.sender);
        uint256 fromClaim = Math.min(claims[token][from], amount);
        claims[token][from] -= fromClaim;
        claims[token][msg.sender] += amount;
        emit DepositTaken(token, from, msg.sender, amount, fromClaim);
        PaymentLib.pullByAllowance(token, from, amount - fromClaim);
    }

    /// @inheritdoc IBezierMarket
    function claimOf(address token, address account) external view returns (uint256) {
        return claims[token][account];
    }
}
