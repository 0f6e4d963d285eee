// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The cheat codes that these tests use, at the address where the test runner offers them.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function assume(bool condition) external pure;
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function chainId(uint256 id) external;
    function etch(address target, bytes calldata code) external;
    function expectEmit(address emitter) external;
    function expectRevert(bytes calldata revertData) external;
    function expectRevert(bytes4 selector) external;
    function expectPartialRevert(bytes4 selector) external;
    function getNonce(address account) external view returns (uint64);
    function label(address account, string calldata name) external;
    function parseBytes(string calldata hexadecimal) external pure returns (bytes memory);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function prank(address sender) external;
    function readFile(string calldata path) external view returns (string memory);
    function replace(
        string calldata text,
        string calldata from,
        string calldata to
    ) external pure returns (string memory);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @title Assertions that show both sides.
abstract contract Assertions {
    error Unequal(string what, uint256 left, uint256 right);
    error NotAtMost(string what, uint256 left, uint256 right);
    error Untrue(string what);

    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert Unequal(what, left, right);
    }

    function assertAtMost(uint256 left, uint256 right, string memory what) internal pure {
        if (left > right) revert NotAtMost(what, left, right);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert Untrue(what);
    }

    /// @dev Brings a random number into low … high, boundaries included and likelier than chance.
    function bound(uint256 random, uint256 low, uint256 high) internal pure returns (uint256) {
        if (low >= high) return low;
        uint256 corner = random % 16;
        if (corner == 0) return low;
        if (corner == 1) return high;
        if (corner == 2) return low + 1;
        if (corner == 3) return high - 1;
        return low + (uint256(keccak256(abi.encode(random))) % (high - low + 1));
    }
}
