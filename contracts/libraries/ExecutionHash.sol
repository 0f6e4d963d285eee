// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Execution, Output} from "../types/FaultTypes.sol";

/// @title The hashes of packages/protocol/src/execution.ts.
library ExecutionHash {
    /// @notice SHA-256 over all that decides an execution.
    function hash(
        bytes32 moduleHash,
        uint16 meterVersion,
        Execution calldata execution
    ) internal pure returns (bytes32) {
        bytes memory versions = abi.encodePacked(meterVersion, execution.wasiVersion, execution.shape);
        bytes memory limits = abi.encodePacked(
            execution.bitOps,
            execution.floatOps,
            execution.memoryPages,
            execution.outputBytes
        );
        return
            sha256(
                abi.encodePacked(
                    "deMEC execution v1",
                    moduleHash,
                    versions,
                    execution.clockNs,
                    limits,
                    sha256(execution.input),
                    _stringsHash(execution.args),
                    sha256(abi.encodePacked(execution.envSalt, _stringsHash(execution.env))),
                    execution.seed
                )
            );
    }

    /// @notice SHA-256 over exit code, output and stderr.
    function hash(Output calldata output) internal pure returns (bytes32) {
        return
            sha256(abi.encodePacked("deMEC output v1", output.exitCode, sha256(output.output), sha256(output.stderr)));
    }

    /// @notice Bytes that somebody has to carry to the machine: input, arguments and environment.
    function inputBytes(Execution calldata execution) internal pure returns (uint256 size) {
        size = execution.input.length;
        for (uint256 i = 0; i < execution.args.length; ++i) size += bytes(execution.args[i]).length;
        for (uint256 i = 0; i < execution.env.length; ++i) size += bytes(execution.env[i]).length;
    }

    function _stringsHash(string[] calldata strings) private pure returns (bytes32) {
        bytes memory packed = abi.encodePacked(uint32(strings.length));
        for (uint256 i = 0; i < strings.length; ++i) {
            packed = abi.encodePacked(packed, uint32(bytes(strings[i]).length), strings[i]);
        }
        return sha256(packed);
    }
}
