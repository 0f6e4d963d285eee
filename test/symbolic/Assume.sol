// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface Assume {
    function assume(bool condition) external pure;
}

/// @dev What follows is proved for inputs that meet the condition.
function assuming(bool condition) pure {
    Assume(address(uint160(uint256(keccak256("hevm cheat code"))))).assume(condition);
}
