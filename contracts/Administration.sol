// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {FaultCourt} from "./FaultCourt.sol";
import {Guardian} from "./Guardian.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title Who may use the guardian: the pauser pauses at once; all else, and every change of these rules, is announced before.
/// @dev The rules stand from the first block on: no account that deploys has any right.
contract Administration is AccessManager {
    uint64 public constant PAUSER_ROLE = 1;
    uint64 public constant STEWARD_ROLE = 2;

    /// @param admin changes the rules, resumes and retires; each after `delay`
    /// @param pauser pauses, without delay
    /// @param delay seconds; shorter than the court's grace, so that a faulty meter version can be retired in time
    constructor(address admin, address pauser, Guardian guardian, FaultCourt court, uint32 delay) AccessManager(admin) {
        if (delay >= court.grace()) revert Errors.Administration_DelayTooLong(delay, court.grace());
        _grantRole(ADMIN_ROLE, admin, 0, delay);
        _grantRole(STEWARD_ROLE, admin, 0, delay);
        _grantRole(PAUSER_ROLE, pauser, 0, 0);
        _setTargetFunctionRole(address(guardian), Guardian.pause.selector, PAUSER_ROLE);
        _setTargetFunctionRole(address(guardian), Guardian.unpause.selector, STEWARD_ROLE);
        _setTargetFunctionRole(address(guardian), Guardian.retireMeterVersion.selector, STEWARD_ROLE);
    }
}
