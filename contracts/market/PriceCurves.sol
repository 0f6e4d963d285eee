// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBezierMarket} from "../interfaces/IBezierMarket.sol";
import {BezierCurve} from "../libraries/BezierCurve.sol";
import {Errors} from "../libraries/Errors.sol";
import {CurvePoints} from "../types/ServiceTypes.sol";

/// @title Each service's price curve, and how far along it its credits and its reserve stand.
abstract contract PriceCurves is IBezierMarket {
    using BezierCurve for CurvePoints;

    uint256 public constant MAX_ROYALTY_BPS = 2_000;
    uint256 internal constant MAX_SUPPLY = type(uint96).max;

    /// @dev Immutable part of a service. Its first four slots are all that a sale or a redemption needs.
    struct Listing {
        address paymentToken;
        uint96 x1;
        uint96 x2;
        uint96 x3;
        uint128 y0;
        uint128 y1;
        uint128 y2;
        uint128 y3;
        address publisher;
        uint16 royaltyBps;
    }

    /// @dev R fits 112 bits: 2^96·2^128/1e36 < 2^105.
    struct Position {
        uint96 supply;
        uint128 reserve;
    }

    address public immutable registry;

    mapping(uint256 serviceId => Listing) internal listings;
    mapping(uint256 serviceId => Position) internal positions;

    /// @param registry_ may list services
    constructor(address registry_) {
        registry = registry_;
    }

    /// @inheritdoc IBezierMarket
    function list(
        uint256 serviceId,
        address paymentToken,
        address publisher,
        uint16 royaltyBps,
        CurvePoints calldata curve
    ) external {
        if (msg.sender != registry) revert Errors.Market_Forbidden(msg.sender);
        if (royaltyBps > MAX_ROYALTY_BPS) revert Errors.Market_RoyaltyTooHigh(royaltyBps, MAX_ROYALTY_BPS);
        if (paymentToken.code.length == 0) revert Errors.Market_NotAToken(paymentToken);
        BezierCurve.validate(curve);
        listings[serviceId] = Listing({
            paymentToken: paymentToken,
            x1: curve.x1,
            x2: curve.x2,
            x3: curve.x3,
            y0: curve.y0,
            y1: curve.y1,
            y2: curve.y2,
            y3: curve.y3,
            publisher: publisher,
            royaltyBps: royaltyBps
        });
    }

    /// @inheritdoc IBezierMarket
    function price(uint256 serviceId) external view returns (uint256) {
        return _curve(serviceId).priceAt(positions[serviceId].supply);
    }

    /// @inheritdoc IBezierMarket
    function priceAt(uint256 serviceId, uint256 supply) external view returns (uint256) {
        return _curve(serviceId).priceAt(supply);
    }

    /// @inheritdoc IBezierMarket
    function supplyAtPrice(uint256 serviceId, uint256 priceWad) external view returns (uint256) {
        return _curve(serviceId).supplyAtPrice(priceWad);
    }

    /// @inheritdoc IBezierMarket
    function areaAt(uint256 serviceId, uint256 supply) external view returns (uint256) {
        if (supply > MAX_SUPPLY) revert Errors.Market_SupplyTooLarge(supply, 0, MAX_SUPPLY);
        return _curve(serviceId).areaAt(supply);
    }

    /// @inheritdoc IBezierMarket
    function reserveOf(uint256 serviceId) external view returns (uint256) {
        return positions[serviceId].reserve;
    }

    /// @inheritdoc IBezierMarket
    function supplyOf(uint256 serviceId) external view returns (uint256) {
        return positions[serviceId].supply;
    }

    /// @inheritdoc IBezierMarket
    function listingOf(
        uint256 serviceId
    ) external view returns (address paymentToken, address publisher, uint16 royaltyBps, CurvePoints memory curve) {
        curve = _curve(serviceId);
        Listing storage listing = listings[serviceId];
        return (listing.paymentToken, listing.publisher, listing.royaltyBps, curve);
    }

    function _curve(uint256 serviceId) internal view returns (CurvePoints memory) {
        Listing storage listing = listings[serviceId];
        if (listing.x3 == 0) revert Errors.Market_UnknownService(serviceId);
        return
            CurvePoints({
                x1: listing.x1,
                x2: listing.x2,
                x3: listing.x3,
                y0: listing.y0,
                y1: listing.y1,
                y2: listing.y2,
                y3: listing.y3
            });
    }
}
