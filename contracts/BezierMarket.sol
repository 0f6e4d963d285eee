// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccessToken} from "./AccessToken.sol";
import {IBezierMarket} from "./interfaces/IBezierMarket.sol";
import {IPermit2} from "./interfaces/IPermit2.sol";
import {BezierCurve} from "./libraries/BezierCurve.sol";
import {Errors} from "./libraries/Errors.sol";
import {PaymentHashes} from "./libraries/PaymentHashes.sol";
import {PaymentLib} from "./libraries/PaymentLib.sol";
import {Claims} from "./market/Claims.sol";
import {PriceCurves} from "./market/PriceCurves.sol";
import {BuyIntent, Payment, SessionOrder} from "./types/PaymentTypes.sol";
import {CurvePoints} from "./types/ServiceTypes.sol";

interface IWiredToMarket {
    function market() external view returns (address);
}

/// @dev Who may pause is asked of the registry: it is fixed there, and rarely used.
interface INamesGuardian {
    function guardian() external view returns (address);
}

/// @title Market of credits along each service's price curve, and custodian of every payment token in the system.
contract BezierMarket is PriceCurves, Claims {
    using BezierCurve for CurvePoints;
    using PaymentHashes for BuyIntent;
    using PaymentLib for Payment;
    using SafeERC20 for IERC20;

    uint256 public constant MAX_PROTOCOL_FEE_BPS = 500;
    uint256 private constant BPS = 10_000;

    AccessToken public immutable accessToken;
    address public immutable treasury;
    uint256 public immutable protocolFeeBps;
    IPermit2 public immutable permit2;

    /// @param registry_ may list services; must already be wired to this address, like the token
    /// @param escrow_ may redeem credits for their holder
    /// @param protocolFeeBps_ of what a purchase adds to the reserve, to `treasury_`; at most 5%
    /// @param permit2_ Uniswap's Permit2; a chain without it lacks that method of payment alone
    constructor(
        AccessToken accessToken_,
        address registry_,
        address escrow_,
        address treasury_,
        uint256 protocolFeeBps_,
        IPermit2 permit2_
    ) PriceCurves(registry_) Claims(escrow_) {
        if (accessToken_.market() != address(this) || IWiredToMarket(registry_).market() != address(this)) {
            revert Errors.Market_Miswired();
        }
        if (protocolFeeBps_ > MAX_PROTOCOL_FEE_BPS) {
            revert Errors.Market_FeeTooHigh(protocolFeeBps_, MAX_PROTOCOL_FEE_BPS);
        }
        if (treasury_ == address(0)) revert Errors.Market_ZeroRecipient();
        accessToken = accessToken_;
        treasury = treasury_;
        protocolFeeBps = protocolFeeBps_;
        permit2 = permit2_;
    }

    // ---- trade ----

    /// @inheritdoc IBezierMarket
    function buy(
        uint256 serviceId,
        uint256 credits,
        uint256 maxCost,
        address recipient,
        uint256 deadline
    ) external nonReentrantUnlessPaused returns (uint256 cost) {
        _requireBefore(deadline);
        uint256 supply;
        uint256 reserve;
        uint256 protocolFee;
        uint256 royalty;
        (cost, supply, reserve, protocolFee, royalty) = _afterBuy(serviceId, credits);
        if (cost > maxCost) revert Errors.Market_CostAboveLimit(cost, maxCost);

        Listing storage listing = listings[serviceId];
        address token = listing.paymentToken;
        PaymentLib.pullByAllowance(token, msg.sender, cost);
        _move(positions[serviceId], supply, reserve);
        _creditFees(listing, token, protocolFee, royalty);
        emit Bought(serviceId, msg.sender, recipient, credits, cost, protocolFee, royalty, supply);
        // Last: it calls the recipient when that is a contract.
        accessToken.mint(recipient, serviceId, credits);
    }

    /// @inheritdoc IBezierMarket
    function buyWith(
        BuyIntent calldata intent,
        Payment calldata payment
    ) external nonReentrantUnlessPaused returns (uint256 cost) {
        _requireBefore(intent.deadline);
        uint256 supply;
        uint256 reserve;
        uint256 protocolFee;
        uint256 royalty;
        (cost, supply, reserve, protocolFee, royalty) = _afterBuy(intent.serviceId, intent.credits);
        PaymentLib.Charge memory charge;
        charge.cost = cost;
        charge.maxCost = intent.maxCost;
        charge.deadline = intent.deadline;
        charge.nonce = intent.nonce;
        charge.intentHash = intent.structHash();
        _pull(intent.serviceId, charge, payment, msg.sender);
        _move(positions[intent.serviceId], supply, reserve);
        _creditFees(listings[intent.serviceId], charge.token, protocolFee, royalty);
        emit Bought(
            intent.serviceId,
            payment.payer,
            intent.recipient,
            intent.credits,
            cost,
            protocolFee,
            royalty,
            supply
        );
        // Last: it calls the recipient when that is a contract.
        accessToken.mint(intent.recipient, intent.serviceId, intent.credits);
    }

    /// @inheritdoc IBezierMarket
    function sell(
        uint256 serviceId,
        uint256 credits,
        uint256 minProceeds,
        address recipient,
        uint256 deadline
    ) external nonReentrant returns (uint256 proceeds) {
        address token;
        (proceeds, token) = _sell(serviceId, credits, minProceeds, recipient, deadline);
        claims[token][recipient] += proceeds;
    }

    /// @inheritdoc IBezierMarket
    function sellAndWithdraw(
        uint256 serviceId,
        uint256 credits,
        uint256 minProceeds,
        address recipient,
        uint256 deadline
    ) external nonReentrant returns (uint256 proceeds) {
        address token;
        (proceeds, token) = _sell(serviceId, credits, minProceeds, recipient, deadline);
        emit Withdrawn(token, recipient, recipient, proceeds);
        if (proceeds != 0) IERC20(token).safeTransfer(recipient, proceeds);
    }

    /// @inheritdoc IBezierMarket
    function sellToPrice(
        uint256 serviceId,
        uint256 minPriceWad,
        uint256 maxCredits,
        address recipient,
        uint256 deadline
    ) external nonReentrant returns (uint256 credits, uint256 proceeds) {
        uint256 target = _curve(serviceId).supplyAtPrice(minPriceWad);
        credits = Math.min(Math.saturatingSub(positions[serviceId].supply, target), maxCredits);
        address token;
        (proceeds, token) = _sell(serviceId, credits, 0, recipient, deadline);
        claims[token][recipient] += proceeds;
    }

    /// @inheritdoc IBezierMarket
    function redeem(
        uint256 serviceId,
        address holder,
        uint256 credits
    ) external nonReentrantUnlessPaused returns (uint256 value, address paymentToken) {
        if (msg.sender != escrow) revert Errors.Market_Forbidden(msg.sender);
        uint256 supply;
        (value, supply) = _burnAlongCurve(serviceId, holder, credits);
        paymentToken = listings[serviceId].paymentToken;
        claims[paymentToken][msg.sender] += value;
        emit Redeemed(serviceId, holder, credits, value, supply);
    }

    /// @inheritdoc IBezierMarket
    function buyForSession(
        uint256 serviceId,
        bytes32 offerDigest,
        SessionOrder calldata order,
        Payment calldata payment,
        address sender
    ) external nonReentrantUnlessPaused returns (uint256 value, uint256 cost, address paymentToken) {
        if (msg.sender != escrow) revert Errors.Market_Forbidden(msg.sender);
        uint256 protocolFee;
        uint256 royalty;
        (cost, , , protocolFee, royalty) = _afterBuy(serviceId, order.credits);
        value = cost - protocolFee - royalty;
        PaymentLib.Charge memory charge;
        charge.cost = cost;
        charge.maxCost = order.maxCost;
        charge.deadline = order.deadline;
        charge.nonce = order.nonce;
        charge.intentHash = PaymentHashes.sessionIntentHash(serviceId, offerDigest, order);
        charge.forSession = true;
        paymentToken = _pull(serviceId, charge, payment, sender);
        _creditFees(listings[serviceId], paymentToken, protocolFee, royalty);
        claims[paymentToken][msg.sender] += value;
        emit BoughtForSession(serviceId, payment.payer, order.credits, cost, protocolFee, royalty);
    }

    // ---- administration ----

    /// @inheritdoc IBezierMarket
    function setPaused(bool paused) external {
        if (msg.sender != INamesGuardian(registry).guardian()) revert Errors.Market_Forbidden(msg.sender);
        _setPaused(paused);
        emit PauseSet(paused);
    }

    // ---- views ----

    /// @inheritdoc IBezierMarket
    function quoteBuy(
        uint256 serviceId,
        uint256 credits
    ) external view returns (uint256 cost, uint256 protocolFee, uint256 royalty) {
        (cost, , , protocolFee, royalty) = _afterBuy(serviceId, credits);
    }

    /// @inheritdoc IBezierMarket
    function quoteSell(uint256 serviceId, uint256 credits) external view returns (uint256 proceeds) {
        (, uint256 reserve) = _afterSell(serviceId, credits);
        return positions[serviceId].reserve - reserve;
    }

    // ---- internals ----

    function _sell(
        uint256 serviceId,
        uint256 credits,
        uint256 minProceeds,
        address recipient,
        uint256 deadline
    ) private returns (uint256 proceeds, address token) {
        _requireBefore(deadline);
        if (recipient == address(0)) revert Errors.Market_ZeroRecipient();
        uint256 supply;
        (proceeds, supply) = _burnAlongCurve(serviceId, msg.sender, credits);
        if (proceeds < minProceeds) revert Errors.Market_ProceedsBelowLimit(proceeds, minProceeds);
        token = listings[serviceId].paymentToken;
        emit Sold(serviceId, msg.sender, recipient, credits, proceeds, supply);
    }

    /// @dev Moves supply and reserve down and burns; what it returns of the reserve is the caller's to assign.
    function _burnAlongCurve(
        uint256 serviceId,
        address holder,
        uint256 credits
    ) private returns (uint256 value, uint256 supply) {
        Position storage position = positions[serviceId];
        uint256 reserve;
        (supply, reserve) = _afterSell(serviceId, credits);
        value = position.reserve - reserve;
        _move(position, supply, reserve);
        accessToken.burn(holder, serviceId, credits);
    }

    function _afterBuy(
        uint256 serviceId,
        uint256 credits
    ) private view returns (uint256 cost, uint256 supply, uint256 reserve, uint256 protocolFee, uint256 royalty) {
        if (credits == 0) revert Errors.Market_ZeroCredits(serviceId);
        Position storage position = positions[serviceId];
        supply = position.supply;
        if (credits > MAX_SUPPLY - supply) revert Errors.Market_SupplyTooLarge(supply, credits, MAX_SUPPLY);
        supply += credits;
        reserve = _curve(serviceId).areaAt(supply);
        uint256 area = reserve - position.reserve;
        protocolFee = _feeUp(area, protocolFeeBps);
        royalty = _feeUp(area, listings[serviceId].royaltyBps);
        cost = area + protocolFee + royalty;
    }

    function _afterSell(uint256 serviceId, uint256 credits) private view returns (uint256 supply, uint256 reserve) {
        if (credits == 0) revert Errors.Market_ZeroCredits(serviceId);
        CurvePoints memory curve = _curve(serviceId);
        supply = positions[serviceId].supply;
        if (credits > supply) revert Errors.Market_InsufficientCredits(serviceId, supply, credits);
        supply -= credits;
        reserve = curve.areaAt(supply);
    }

    function _move(Position storage position, uint256 supply, uint256 reserve) private {
        // Casts can't cut: supply ≤ MAX_SUPPLY, and see Position.
        position.supply = uint96(supply);
        position.reserve = uint128(reserve);
    }

    /// @dev What comes in beyond the cost becomes a claim of the payer.
    function _pull(
        uint256 serviceId,
        PaymentLib.Charge memory charge,
        Payment calldata payment,
        address sender
    ) private returns (address token) {
        if (charge.cost > charge.maxCost) revert Errors.Market_CostAboveLimit(charge.cost, charge.maxCost);
        token = listings[serviceId].paymentToken;
        charge.token = token;
        uint256 excess = payment.pull(charge, sender, permit2);
        if (excess == 0) return token;
        claims[token][payment.payer] += excess;
        emit ExcessCredited(token, payment.payer, excess);
    }

    function _creditFees(Listing storage listing, address token, uint256 protocolFee, uint256 royalty) private {
        if (protocolFee != 0) claims[token][treasury] += protocolFee;
        if (royalty != 0) claims[token][listing.publisher] += royalty;
    }

    function _feeUp(uint256 amount, uint256 bps) private pure returns (uint256) {
        return Math.ceilDiv(amount * bps, BPS);
    }

    function _requireBefore(uint256 deadline) private view {
        if (block.timestamp > deadline) revert Errors.Market_DeadlinePassed(deadline, block.timestamp);
    }
}
