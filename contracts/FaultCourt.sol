// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Contradictions} from "./faults/Contradictions.sol";
import {CourtBase} from "./faults/CourtBase.sol";
import {Demands} from "./faults/Demands.sol";
import {SlaEscrow} from "./SlaEscrow.sol";

/// @title Judge of what a contract can see by itself: unanswered demands and contradictions. Only it has bonds slashed.
contract FaultCourt is Demands, Contradictions {
    /// @param escrow_ must already name this address as its court
    /// @param grace_ seconds between a charge of contradiction and the slash, at most a quarter of the unbonding delay
    constructor(SlaEscrow escrow_, uint256 grace_) CourtBase(escrow_) Contradictions(grace_) {}
}
