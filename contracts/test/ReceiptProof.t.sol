// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReceiptProof} from "../libraries/ReceiptProof.sol";
import {Assertions} from "./Vm.sol";

/// @dev Roots and paths by the recursive definitions of RFC 9162, 2.1; the library verifies by a loop.
contract ReceiptProofTest is Assertions {
    uint256 private constant MAX_LEAVES = 40;

    /// Every leaf of a tree of any size is proved by its path: under that root, size and index.
    function testFuzz_EveryLeafIsProvedByItsPath(uint256 seed, uint256 sizeSeed) public pure {
        uint64 size = uint64(bound(sizeSeed, 1, MAX_LEAVES));
        bytes32[] memory leaves = leavesOf(seed, size);
        bytes32 root = rootOf(leaves);
        for (uint64 i = 0; i < size; ++i) {
            assertTrue(ReceiptProof.verify(root, size, i, leaves[i], pathOf(leaves, 0, size, i)), "not proved");
        }
    }

    /// A proof is worth nothing for another leaf, index, size or root, nor with a step more, less or changed.
    function testFuzz_NothingElseIsProved(uint256 seed, uint256 sizeSeed, uint256 indexSeed) public pure {
        uint64 size = uint64(bound(sizeSeed, 2, MAX_LEAVES));
        uint64 index = uint64(bound(indexSeed, 0, size - 1));
        bytes32[] memory leaves = leavesOf(seed, size);
        bytes32 root = rootOf(leaves);
        bytes32[] memory path = pathOf(leaves, 0, size, index);
        bytes32 leaf = leaves[index];

        assertTrue(!ReceiptProof.verify(bytes32(uint256(root) ^ 1), size, index, leaf, path), "other root");
        assertTrue(!ReceiptProof.verify(root, size, index, bytes32(uint256(leaf) ^ 1), path), "other leaf");
        for (uint64 other = 0; other < size + 2; ++other) {
            if (other != index) assertTrue(!ReceiptProof.verify(root, size, other, leaf, path), "other index");
            if (other != size) assertTrue(!ReceiptProof.verify(root, other, index, leaf, path), "other size");
        }
        assertTrue(!ReceiptProof.verify(root, size, index, leaf, resized(path, path.length + 1)), "a step more");
        assertTrue(!ReceiptProof.verify(root, size, index, leaf, resized(path, path.length - 1)), "a step less");
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = bytes32(uint256(path[i]) ^ 1);
            assertTrue(!ReceiptProof.verify(root, size, index, leaf, path), "a step changed");
            path[i] = bytes32(uint256(path[i]) ^ 1);
        }
    }

    /// A leaf is the SHA-256 of a zero byte and the encoded receipt, so that no inner node can pass for one.
    function testFuzz_ALeafIsNoInnerNode(bytes calldata receipt) public pure {
        assertTrue(ReceiptProof.leafOf(receipt) == sha256(bytes.concat(hex"00", receipt)), "leaf");
    }

    // ---- reference ----

    function leavesOf(uint256 seed, uint256 count) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) leaves[i] = keccak256(abi.encode(seed, i));
    }

    function rootOf(bytes32[] memory leaves) private pure returns (bytes32) {
        return sha256(bytes.concat(hex"02", bytes8(uint64(leaves.length)), hashOf(leaves, 0, leaves.length)));
    }

    /// @dev MTH of leaves from … to − 1.
    function hashOf(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return leaves[from];
        uint256 middle = from + splitOf(to - from);
        return sha256(bytes.concat(hex"01", hashOf(leaves, from, middle), hashOf(leaves, middle, to)));
    }

    /// @dev PATH(index, leaves from … to − 1), deepest step first.
    function pathOf(
        bytes32[] memory leaves,
        uint256 from,
        uint256 to,
        uint256 index
    ) private pure returns (bytes32[] memory path) {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + splitOf(to - from);
        bool isLeft = index < middle;
        bytes32[] memory inner = isLeft ? pathOf(leaves, from, middle, index) : pathOf(leaves, middle, to, index);
        path = resized(inner, inner.length + 1);
        path[inner.length] = isLeft ? hashOf(leaves, middle, to) : hashOf(leaves, from, middle);
    }

    /// @dev Largest power of two below `count`.
    function splitOf(uint256 count) private pure returns (uint256 split) {
        split = 1;
        while (split * 2 < count) split *= 2;
    }

    function resized(bytes32[] memory path, uint256 length) private pure returns (bytes32[] memory copy) {
        copy = new bytes32[](length);
        for (uint256 i = 0; i < length && i < path.length; ++i) copy[i] = path[i];
    }
}
