// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title Reentrancy guard and pause in one slot, so that whoever reads the one has the other for nothing.
/// @dev OpenZeppelin's storage guard leaves no room in its slot, and a slot of its own would cost every purchase 2,100 gas.
/// The error is theirs.
abstract contract PausableGuard {
    /// @dev Even: free. Odd: entered. Never 0, so that leaving gets the full refund.
    uint256 private constant FREE = 2;
    uint256 private constant PAUSED = 4;

    uint256 private _guard = FREE;

    /// @notice Works whether paused or not.
    modifier nonReentrant() {
        _enter();
        _;
        _leave();
    }

    modifier nonReentrantUnlessPaused() {
        _enterUnlessPaused();
        _;
        _guard = FREE;
    }

    /// @notice Whether new purchases and new sessions are stopped.
    function isPaused() public view returns (bool) {
        return _guard >= PAUSED;
    }

    /// @dev Refused in the middle of a guarded call, which would undo it.
    function _setPaused(bool paused) internal {
        if (_guard & 1 != 0) revert ReentrancyGuard.ReentrancyGuardReentrantCall();
        _guard = paused ? PAUSED : FREE;
    }

    function _enter() private {
        uint256 guard = _guard;
        if (guard & 1 != 0) revert ReentrancyGuard.ReentrancyGuardReentrantCall();
        _guard = guard | 1;
    }

    function _enterUnlessPaused() private {
        uint256 guard = _guard;
        if (guard & 1 != 0) revert ReentrancyGuard.ReentrancyGuardReentrantCall();
        if (guard != FREE) revert Errors.Market_Paused();
        _guard = FREE | 1;
    }

    function _leave() private {
        _guard ^= 1;
    }
}
