// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DemandAnswer, SessionParams, SessionState} from "./SessionTypes.sol";

/// @notice One invocation, with everything that decides how it ends, but for the module and the meter, which the service
/// names. `ExecutionRequest` of packages/protocol/src/execution.ts.
/// @param shape 0: command, 1: reactor
/// @param clockNs what every clock reads, nanoseconds since the epoch
/// @param bitOps limit of integer work @param floatOps limit of floating-point work
/// @param memoryPages limit, pages of 64 KiB @param outputBytes limit
/// @param env name, value, name, value, …
struct Execution {
    uint16 wasiVersion;
    uint8 shape;
    uint64 clockNs;
    uint64 bitOps;
    uint64 floatOps;
    uint32 memoryPages;
    uint32 outputBytes;
    bytes32 envSalt;
    bytes32 seed;
    bytes input;
    string[] args;
    string[] env;
}

/// @notice What an execution left behind; its hash is a receipt's `outputHash`.
struct Output {
    uint32 exitCode;
    bytes output;
    bytes stderr;
}

/// @notice A demand that waits for its answer.
/// @param nonce of the demand, court-wide
/// @param deadline unix time until which it can be answered, and from which it is a fault; 0: no demand
struct Demand {
    bytes32 executionHash;
    uint64 nonce;
    uint48 deadline;
}

/// @notice What an operator signed about one execution: a receipt under a session state, or the answer to a demand.
/// @param operatorSig over `state`, or over `answer` when `receipt` is empty
/// @param state any state of the session, whether the buyer signed it or not
/// @param size receipts under the state's root @param index of the receipt among them
/// @param receipt its 104 bytes @param path from its leaf to the root
/// @param demandNonce nonce of the demand that was answered
struct Testimony {
    SessionParams params;
    bytes operatorSig;
    SessionState state;
    uint64 size;
    uint64 index;
    bytes receipt;
    bytes32[] path;
    DemandAnswer answer;
    uint64 demandNonce;
}

/// @notice A contradiction held against a session.
/// @param reporter gets the reward
/// @param enforceableAt unix time from which its bond can be slashed; 0: no charge
struct Charge {
    address reporter;
    uint48 enforceableAt;
    bool enforced;
}
