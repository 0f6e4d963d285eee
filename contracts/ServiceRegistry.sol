// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBezierMarket} from "./interfaces/IBezierMarket.sol";
import {IProviderStaking} from "./interfaces/IProviderStaking.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {Errors} from "./libraries/Errors.sol";
import {Service, ServiceParams, SessionTerms, SlaTerms, Tariff} from "./types/ServiceTypes.sol";

/// @title Services and the providers that have enrolled in them.
/// @dev What prices a service (token, curve, royalty) is kept by the market, which needs it in every trade; the rest here.
contract ServiceRegistry is IServiceRegistry {
    uint256 public constant MIN_CHALLENGE_PERIOD = 1 minutes;
    uint256 public constant MAX_CHALLENGE_PERIOD = 30 days;
    uint256 private constant BPS = 10_000;

    IProviderStaking public immutable staking;
    IBezierMarket public immutable market;
    /// @notice Pauses and retires, see `Guardian`.
    address public immutable guardian;

    uint256 public override serviceCount;

    mapping(uint256 serviceId => SessionTerms) private _terms;
    mapping(uint256 serviceId => Tariff) private _tariffs;
    mapping(uint256 serviceId => bytes32) private _codeHashes;
    mapping(uint256 serviceId => bytes32) private _codeCores;
    mapping(uint256 serviceId => mapping(address provider => bool)) private _enrolled;
    mapping(uint256 meterVersion => bool) private _retired;

    constructor(IProviderStaking staking_, IBezierMarket market_, address guardian_) {
        staking = staking_;
        market = market_;
        guardian = guardian_;
    }

    /// @inheritdoc IServiceRegistry
    function createService(ServiceParams calldata params) external returns (uint256 serviceId) {
        if (params.sla.toleranceBps > BPS) revert Errors.Registry_BpsTooHigh(params.sla.toleranceBps);
        if (params.sla.rebateBps > BPS) revert Errors.Registry_BpsTooHigh(params.sla.rebateBps);
        if (params.sla.bondPenaltyBps > BPS) revert Errors.Registry_BpsTooHigh(params.sla.bondPenaltyBps);
        if (params.challengePeriod < MIN_CHALLENGE_PERIOD || params.challengePeriod > MAX_CHALLENGE_PERIOD) {
            revert Errors.Registry_ChallengePeriodOutOfRange(
                params.challengePeriod,
                MIN_CHALLENGE_PERIOD,
                MAX_CHALLENGE_PERIOD
            );
        }
        if (params.meterVersion == 0) revert Errors.Registry_ZeroMeterVersion();
        _requireNotRetired(params.meterVersion);

        serviceId = ++serviceCount;
        _terms[serviceId] = SessionTerms({
            maxLatencyMs: params.sla.maxLatencyMs,
            toleranceBps: params.sla.toleranceBps,
            rebateBps: params.sla.rebateBps,
            bondPenaltyBps: params.sla.bondPenaltyBps,
            challengePeriod: params.challengePeriod,
            minBondPerCredit: params.minBondPerCredit,
            meterVersion: params.meterVersion
        });
        _tariffs[serviceId] = params.tariff;
        _codeHashes[serviceId] = params.codeHash;
        _codeCores[serviceId] = params.codeCore;
        market.list(serviceId, params.paymentToken, msg.sender, params.royaltyBps, params.curve);
        emit ServiceCreated(serviceId, msg.sender, params.codeHash, params.metadata);
    }

    /// @inheritdoc IServiceRegistry
    function enrol(uint256 serviceId) external {
        _requireExists(serviceId);
        if (!staking.isActive(msg.sender)) revert Errors.Registry_ProviderInactive(msg.sender);
        if (_enrolled[serviceId][msg.sender]) revert Errors.Registry_AlreadyEnrolled(serviceId, msg.sender);
        _enrolled[serviceId][msg.sender] = true;
        emit Enrolled(serviceId, msg.sender);
    }

    /// @inheritdoc IServiceRegistry
    function resign(uint256 serviceId) external {
        if (!_enrolled[serviceId][msg.sender]) revert Errors.Registry_NotEnrolled(serviceId, msg.sender);
        _enrolled[serviceId][msg.sender] = false;
        emit Resigned(serviceId, msg.sender);
    }

    /// @inheritdoc IServiceRegistry
    function retireMeterVersion(uint16 meterVersion) external {
        if (msg.sender != guardian) revert Errors.Registry_Forbidden(msg.sender);
        _retired[meterVersion] = true;
        emit MeterVersionRetired(meterVersion);
    }

    /// @inheritdoc IServiceRegistry
    function getService(uint256 serviceId) external view returns (Service memory service) {
        _requireExists(serviceId);
        SessionTerms memory terms = _terms[serviceId];
        service.codeHash = _codeHashes[serviceId];
        service.codeCore = _codeCores[serviceId];
        service.tariff = _tariffs[serviceId];
        service.sla = SlaTerms({
            maxLatencyMs: terms.maxLatencyMs,
            toleranceBps: terms.toleranceBps,
            rebateBps: terms.rebateBps,
            bondPenaltyBps: terms.bondPenaltyBps
        });
        service.challengePeriod = terms.challengePeriod;
        service.minBondPerCredit = terms.minBondPerCredit;
        service.meterVersion = terms.meterVersion;
        (service.paymentToken, service.publisher, service.royaltyBps, service.curve) = market.listingOf(serviceId);
    }

    /// @inheritdoc IServiceRegistry
    function isEnrolled(uint256 serviceId, address provider) external view returns (bool) {
        return _enrolled[serviceId][provider];
    }

    /// @inheritdoc IServiceRegistry
    function sessionTerms(uint256 serviceId, address provider) external view returns (SessionTerms memory terms) {
        if (!_enrolled[serviceId][provider]) revert Errors.Registry_NotEnrolled(serviceId, provider);
        terms = _terms[serviceId];
        _requireNotRetired(terms.meterVersion);
    }

    /// @inheritdoc IServiceRegistry
    function codeOf(uint256 serviceId) external view returns (bytes32 codeHash, uint16 meterVersion) {
        return (_codeHashes[serviceId], _terms[serviceId].meterVersion);
    }

    /// @inheritdoc IServiceRegistry
    function isMeterVersionRetired(uint16 meterVersion) external view returns (bool) {
        return _retired[meterVersion];
    }

    function _requireNotRetired(uint16 meterVersion) private view {
        if (_retired[meterVersion]) revert Errors.Registry_MeterVersionRetired(meterVersion);
    }

    function _requireExists(uint256 serviceId) private view {
        if (serviceId == 0 || serviceId > serviceCount) revert Errors.Registry_UnknownService(serviceId);
    }
}
