// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccessToken} from "./AccessToken.sol";
import {PausableGuard} from "./PausableGuard.sol";
import {IBezierMarket} from "./interfaces/IBezierMarket.sol";
import {IPermit2} from "./interfaces/IPermit2.sol";
import {BezierCurve} from "./libraries/BezierCurve.sol";
import {Errors} from "./libraries/Errors.sol";
import {PaymentHashes} from "./libraries/PaymentHashes.sol";
import {PaymentLib} from "./libraries/PaymentLib.sol";
import {BuyIntent, Payment, SessionOrder} from "./types/PaymentTypes.sol";
import {CurvePoints} from "./types/ServiceTypes.sol";

interface IWiredToMarket {
    function market() external view returns (address);
}

/// @dev Who may pause and who may take deposits is asked of the registry and the escrow: both are fixed there, and rarely used.
interface INamesGuardian {
    function guardian() external view returns (address);
}

interface INamesCourt {
    function court() external view returns (address);
}

/// @title Market of credits along each service's price curve, and custodian of every payment token in the system.
contract BezierMarket is IBezierMarket, PausableGuard {
    using BezierCurve for CurvePoints;
    using PaymentHashes for BuyIntent;
    using PaymentLib for Payment;
    using SafeERC20 for IERC20;

    uint256 public constant MAX_PROTOCOL_FEE_BPS = 500;
    uint256 public constant MAX_ROYALTY_BPS = 2_000;
    uint256 private constant MAX_SUPPLY = type(uint96).max;
    uint256 private constant BPS = 10_000;

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

    AccessToken public immutable accessToken;
    address public immutable registry;
    address public immutable escrow;
    address public immutable treasury;
    uint256 public immutable protocolFeeBps;
    IPermit2 public immutable permit2;

    mapping(uint256 serviceId => Listing) private _listings;
    mapping(uint256 serviceId => Position) private _positions;
    mapping(address token => mapping(address account => uint256)) private _claims;

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
    ) {
        if (accessToken_.market() != address(this) || IWiredToMarket(registry_).market() != address(this)) {
            revert Errors.Market_Miswired();
        }
        if (protocolFeeBps_ > MAX_PROTOCOL_FEE_BPS) {
            revert Errors.Market_FeeTooHigh(protocolFeeBps_, MAX_PROTOCOL_FEE_BPS);
        }
        if (treasury_ == address(0)) revert Errors.Market_ZeroRecipient();
        accessToken = accessToken_;
        registry = registry_;
        escrow = escrow_;
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

        Listing storage listing = _listings[serviceId];
        address token = listing.paymentToken;
        PaymentLib.pullByAllowance(token, msg.sender, cost);
        _move(_positions[serviceId], supply, reserve);
        _creditFees(listing, token, protocolFee, royalty);
        emit Bought(serviceId, msg.sender, recipient, credits, cost, protocolFee, royalty, supply);
        // Last: it calls the recipient when that is a contract.
        accessToken.mint(recipient, serviceId, credits);
    }

    /// @inheritdoc IBezierMarket
    function buyWith(BuyIntent calldata intent, Payment calldata payment) external nonReentrantUnlessPaused returns (uint256 cost) {
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
        _move(_positions[intent.serviceId], supply, reserve);
        _creditFees(_listings[intent.serviceId], charge.token, protocolFee, royalty);
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
        _claims[token][recipient] += proceeds;
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
    function redeem(
        uint256 serviceId,
        address holder,
        uint256 credits
    ) external nonReentrantUnlessPaused returns (uint256 value, address paymentToken) {
        if (msg.sender != escrow) revert Errors.Market_Forbidden(msg.sender);
        uint256 supply;
        (value, supply) = _burnAlongCurve(serviceId, holder, credits);
        paymentToken = _listings[serviceId].paymentToken;
        _claims[paymentToken][msg.sender] += value;
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
        _creditFees(_listings[serviceId], paymentToken, protocolFee, royalty);
        _claims[paymentToken][msg.sender] += value;
        emit BoughtForSession(serviceId, payment.payer, order.credits, cost, protocolFee, royalty);
    }

    // ---- claims ----

    /// @inheritdoc IBezierMarket
    /// @dev No guard: nothing is called, and no half-done trade depends on who owns a claim.
    function transferClaim(address token, address to, uint256 amount) external {
        if (to == address(0)) revert Errors.Market_ZeroRecipient();
        mapping(address account => uint256) storage claims = _claims[token];
        uint256 claim = claims[msg.sender];
        if (claim < amount) revert Errors.Market_InsufficientClaim(token, msg.sender, claim, amount);
        // Bounded by the check above, and by the token's supply.
        unchecked {
            claims[msg.sender] = claim - amount;
            claims[to] += amount;
        }
        emit ClaimMoved(token, msg.sender, to, amount);
    }

    /// @inheritdoc IBezierMarket
    function withdraw(address token, address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert Errors.Market_ZeroRecipient();
        amount = _claims[token][msg.sender];
        if (amount == 0) revert Errors.Market_NothingToWithdraw(token, msg.sender);
        _claims[token][msg.sender] = 0;
        emit Withdrawn(token, msg.sender, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IBezierMarket
    function takeDeposit(address token, address from, uint256 amount) external nonReentrant {
        if (msg.sender != INamesCourt(escrow).court()) revert Errors.Market_Forbidden(msg.sender);
        uint256 fromClaim = Math.min(_claims[token][from], amount);
        _claims[token][from] -= fromClaim;
        _claims[token][msg.sender] += amount;
        emit DepositTaken(token, from, msg.sender, amount, fromClaim);
        PaymentLib.pullByAllowance(token, from, amount - fromClaim);
    }

    // ---- administration ----

    /// @inheritdoc IBezierMarket
    function setPaused(bool paused) external {
        if (msg.sender != INamesGuardian(registry).guardian()) revert Errors.Market_Forbidden(msg.sender);
        _setPaused(paused);
        emit PauseSet(paused);
    }

    // ---- listing ----

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
        _listings[serviceId] = Listing({
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
        return _positions[serviceId].reserve - reserve;
    }

    /// @inheritdoc IBezierMarket
    function price(uint256 serviceId) external view returns (uint256) {
        return _curve(serviceId).priceAt(_positions[serviceId].supply);
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
        return _positions[serviceId].reserve;
    }

    /// @inheritdoc IBezierMarket
    function supplyOf(uint256 serviceId) external view returns (uint256) {
        return _positions[serviceId].supply;
    }

    /// @inheritdoc IBezierMarket
    function claimOf(address token, address account) external view returns (uint256) {
        return _claims[token][account];
    }

    /// @inheritdoc IBezierMarket
    function listingOf(
        uint256 serviceId
    ) external view returns (address paymentToken, address publisher, uint16 royaltyBps, CurvePoints memory curve) {
        curve = _curve(serviceId);
        Listing storage listing = _listings[serviceId];
        return (listing.paymentToken, listing.publisher, listing.royaltyBps, curve);
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
        token = _listings[serviceId].paymentToken;
        emit Sold(serviceId, msg.sender, recipient, credits, proceeds, supply);
    }

    /// @dev Moves supply and reserve down and burns; what it returns of the reserve is the caller's to assign.
    function _burnAlongCurve(
        uint256 serviceId,
        address holder,
        uint256 credits
    ) private returns (uint256 value, uint256 supply) {
        Position storage position = _positions[serviceId];
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
        Position storage position = _positions[serviceId];
        supply = position.supply;
        if (credits > MAX_SUPPLY - supply) revert Errors.Market_SupplyTooLarge(supply, credits, MAX_SUPPLY);
        supply += credits;
        reserve = _curve(serviceId).areaAt(supply);
        uint256 area = reserve - position.reserve;
        protocolFee = _feeUp(area, protocolFeeBps);
        royalty = _feeUp(area, _listings[serviceId].royaltyBps);
        cost = area + protocolFee + royalty;
    }

    function _afterSell(uint256 serviceId, uint256 credits) private view returns (uint256 supply, uint256 reserve) {
        if (credits == 0) revert Errors.Market_ZeroCredits(serviceId);
        CurvePoints memory curve = _curve(serviceId);
        supply = _positions[serviceId].supply;
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
        token = _listings[serviceId].paymentToken;
        charge.token = token;
        uint256 excess = payment.pull(charge, sender, permit2);
        if (excess == 0) return token;
        _claims[token][payment.payer] += excess;
        emit ExcessCredited(token, payment.payer, excess);
    }

    function _creditFees(Listing storage listing, address token, uint256 protocolFee, uint256 royalty) private {
        if (protocolFee != 0) _claims[token][treasury] += protocolFee;
        if (royalty != 0) _claims[token][listing.publisher] += royalty;
    }

    function _curve(uint256 serviceId) private view returns (CurvePoints memory) {
        Listing storage listing = _listings[serviceId];
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

    function _feeUp(uint256 amount, uint256 bps) private pure returns (uint256) {
        return Math.ceilDiv(amount * bps, BPS);
    }

    function _requireBefore(uint256 deadline) private view {
        if (block.timestamp > deadline) revert Errors.Market_DeadlinePassed(deadline, block.timestamp);
    }
}
