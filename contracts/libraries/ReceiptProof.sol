// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Proof that a receipt stands under a session state's `receiptsRoot`, scheme version 1.
/// @notice Tree of RFC 9162 with SHA-256; the root binds the size: SHA-256(0x02 ‖ size u64 ‖ tree hash). The counterpart of
/// packages/protocol/src/receiptTree.ts.
library ReceiptProof {
    /// @notice Leaf hash of an encoded receipt: SHA-256(0x00 ‖ encoding).
    function leafOf(bytes memory receipt) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), receipt));
    }

    /// @notice Whether `path` proves that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162, 2.1.3.2).
    function verify(
        bytes32 root,
        uint64 size,
        uint64 index,
        bytes32 leaf,
        bytes32[] memory path
    ) internal pure returns (bool) {
        if (index >= size) return false;
        uint256 position = index;
        uint256 last = size - 1;
        bytes32 node = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return false;
            if (position & 1 == 1 || position == last) {
                node = _node(path[i], node);
                while (position & 1 == 0 && position != 0) {
                    position >>= 1;
                    last >>= 1;
                }
            } else {
                node = _node(node, path[i]);
            }
            position >>= 1;
            last >>= 1;
        }
        return last == 0 && sha256(abi.encodePacked(bytes1(0x02), size, node)) == root;
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
