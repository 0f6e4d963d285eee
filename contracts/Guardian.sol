// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {BezierMarket} from "./BezierMarket.sol";
import {Errors} from "./libraries/Errors.sol";
import {ServiceRegistry} from "./ServiceRegistry.sol";

/// @title All that anybody can administer. Who may call what, after which delay, is the access manager's to say.
/// @dev A pause stops `buy` and `open`, nothing else: every way out stays open whatever is called here.
contract Guardian is AccessManaged {
    BezierMarket public immutable market;
    ServiceRegistry public immutable registry;

    constructor(address accessManager, BezierMarket market_, ServiceRegistry registry_) AccessManaged(accessManager) {
        if (registry_.guardian() != address(this) || market_.registry() != address(registry_)) {
            revert Errors.Guardian_Miswired();
        }
        market = market_;
        registry = registry_;
    }

    /// @notice Stops new purchases of credits and new sessions.
    function pause() external restricted {
        market.setPaused(true);
    }

    function unpause() external restricted {
        market.setPaused(false);
    }

    /// @notice Takes a meter version in which a bug was found out of service, for ever: see `ServiceRegistry`.
    function retireMeterVersion(uint16 meterVersion) external restricted {
        registry.retireMeterVersion(meterVersion);
    }
}
