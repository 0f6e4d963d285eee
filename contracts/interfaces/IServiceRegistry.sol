// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Service, ServiceParams, SessionTerms} from "../types/ServiceTypes.sol";

/// @title Services and the providers that have enrolled in them.
interface IServiceRegistry {
    event ServiceCreated(
        uint256 indexed serviceId,
        address indexed publisher,
        bytes32 indexed codeHash,
        string metadata
    );
    event Enrolled(uint256 indexed serviceId, address indexed provider);
    event Resigned(uint256 indexed serviceId, address indexed provider);
    event MeterVersionRetired(uint16 indexed meterVersion);

    /// @notice Creates a service; the caller is its publisher. Nothing of it can be changed afterwards.
    /// @return serviceId sequential from 1; also the id of its access token
    function createService(ServiceParams calldata params) external returns (uint256 serviceId);

    /// @notice The calling provider (owner account), registered and staked, offers to run a service.
    function enrol(uint256 serviceId) external;

    /// @notice The calling provider takes no new sessions of a service.
    function resign(uint256 serviceId) external;

    /// @notice From now on nothing is slashed over work that this version metered, and it gets no new services and sessions.
    /// For ever. Guardian only.
    function retireMeterVersion(uint16 meterVersion) external;

    function serviceCount() external view returns (uint256);

    /// @notice Reverts for a service that does not exist.
    function getService(uint256 serviceId) external view returns (Service memory);

    function isEnrolled(uint256 serviceId, address provider) external view returns (bool);

    /// @notice What the escrow needs to open a session; reverts unless the provider has enrolled in the service, and when the
    /// service's meter version was retired.
    function sessionTerms(uint256 serviceId, address provider) external view returns (SessionTerms memory);

    /// @notice What decides the work of a service; zeros when it does not exist.
    function codeOf(uint256 serviceId) external view returns (bytes32 codeHash, uint16 meterVersion);

    function isMeterVersionRetired(uint16 meterVersion) external view returns (bool);
}
