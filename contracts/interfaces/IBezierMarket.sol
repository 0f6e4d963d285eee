// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BuyIntent, Payment, SessionOrder} from "../types/PaymentTypes.sol";
import {CurvePoints} from "../types/ServiceTypes.sol";

/// @title Market of credits along each service's price curve, and custodian of every payment token in the system.
/// @notice reserve(service) == R(supply(service)), always, where R is the integer area under the curve
/// (`BezierCurve.areaAt`). For each token, the market's balance covers all its reserves and claims.
interface IBezierMarket {
    event Bought(
        uint256 indexed serviceId,
        address indexed buyer,
        address indexed recipient,
        uint256 credits,
        uint256 cost,
        uint256 protocolFee,
        uint256 royalty,
        uint256 supply
    );
    event Sold(
        uint256 indexed serviceId,
        address indexed seller,
        address indexed recipient,
        uint256 credits,
        uint256 proceeds,
        uint256 supply
    );
    event Redeemed(uint256 indexed serviceId, address indexed holder, uint256 credits, uint256 value, uint256 supply);
    /// @notice Credits were bought and spent on a session at once: neither supply nor reserve has moved.
    event BoughtForSession(
        uint256 indexed serviceId,
        address indexed buyer,
        uint256 credits,
        uint256 cost,
        uint256 protocolFee,
        uint256 royalty
    );
    /// @notice An authorised amount exceeded the cost; the rest is the payer's claim.
    event ExcessCredited(address indexed token, address indexed payer, uint256 amount);
    event ClaimMoved(address indexed token, address indexed from, address indexed to, uint256 amount);
    event Withdrawn(address indexed token, address indexed owner, address indexed to, uint256 amount);
    /// @param fromClaim part of `amount` that was a claim of `from`; the rest was pulled
    event DepositTaken(
        address indexed token,
        address indexed from,
        address indexed to,
        uint256 amount,
        uint256 fromClaim
    );
    event PauseSet(bool paused);

    /// @notice Buys credits along the curve. Fees come on top of the area, rounded up.
    /// @param credits 18 decimals, > 0
    /// @param maxCost most to pay, fees included; payment-token base units
    /// @param deadline last second at which it may happen
    /// @return cost what was paid, fees included
    function buy(
        uint256 serviceId,
        uint256 credits,
        uint256 maxCost,
        address recipient,
        uint256 deadline
    ) external returns (uint256 cost);

    /// @notice Buys credits with any method of payment. Where the payment's signature covers the intent (Permit2, ERC-3009),
    /// anyone may send it and it does what the payer signed; else the payer sends it itself.
    /// @return cost what was paid, fees included
    function buyWith(BuyIntent calldata intent, Payment calldata payment) external returns (uint256 cost);

    /// @notice Sells the caller's credits; the proceeds become a claim of `recipient`. No fee.
    /// @param minProceeds least to get; payment-token base units
    function sell(
        uint256 serviceId,
        uint256 credits,
        uint256 minProceeds,
        address recipient,
        uint256 deadline
    ) external returns (uint256 proceeds);

    /// @notice Sells the caller's credits and sends the proceeds to `recipient` in one transaction. If the token refuses
    /// the recipient it reverts: `sell` remains.
    function sellAndWithdraw(
        uint256 serviceId,
        uint256 credits,
        uint256 minProceeds,
        address recipient,
        uint256 deadline
    ) external returns (uint256 proceeds);

    /// @notice Sells as many of the caller's credits as keep the price at `minPriceWad` or above, so that each of them yields
    /// at least that; the proceeds become a claim of `recipient`. Reverts when there is nothing to sell at that price.
    /// @param minPriceWad payment-token base units per whole credit × 1e18, as `supplyAtPrice` has it
    /// @param maxCredits most to sell, 18 decimals
    function sellToPrice(
        uint256 serviceId,
        uint256 minPriceWad,
        uint256 maxCredits,
        address recipient,
        uint256 deadline
    ) external returns (uint256 credits, uint256 proceeds);

    /// @notice Turns a holder's credits into a claim of the escrow. Escrow only, which acts for the holder alone.
    /// @return value payment-token base units
    /// @return paymentToken of the service
    function redeem(
        uint256 serviceId,
        address holder,
        uint256 credits
    ) external returns (uint256 value, address paymentToken);

    /// @notice Buys credits and redeems them at once: the payment's part below the curve becomes a claim of the escrow, the
    /// fees stay on top. Minting n credits and burning them again leaves supply and reserve as they were, so neither is
    /// touched. Escrow only.
    /// @param offerDigest of the offer under which the session opens @param sender who called the escrow
    /// @return value R(supply + credits) − R(supply), the escrow's; payment-token base units
    /// @return cost what was paid, fees included @return paymentToken of the service
    function buyForSession(
        uint256 serviceId,
        bytes32 offerDigest,
        SessionOrder calldata order,
        Payment calldata payment,
        address sender
    ) external returns (uint256 value, uint256 cost, address paymentToken);

    /// @notice Makes a claim of the court's out of a claim of `from`, and out of its tokens as far as that does not reach
    /// (needs an ERC-20 allowance for the market). Court only, which acts for its caller alone.
    function takeDeposit(address token, address from, uint256 amount) external;

    /// @notice Stops or resumes purchases and redemptions into new sessions. Guardian only.
    function setPaused(bool paused) external;

    /// @notice Moves a part of the caller's claim to another account, inside the ledger.
    function transferClaim(address token, address to, uint256 amount) external;

    /// @notice Pays out the caller's whole claim.
    /// @return amount payment-token base units; reverts when there is nothing
    function withdraw(address token, address to) external returns (uint256 amount);

    /// @notice Starts the market of a new service. Registry only.
    function list(
        uint256 serviceId,
        address paymentToken,
        address publisher,
        uint16 royaltyBps,
        CurvePoints calldata curve
    ) external;

    /// @return cost what a purchase would cost now, fees included @return protocolFee part of cost @return royalty part of cost
    function quoteBuy(
        uint256 serviceId,
        uint256 credits
    ) external view returns (uint256 cost, uint256 protocolFee, uint256 royalty);

    /// @return proceeds what a sale would yield now
    function quoteSell(uint256 serviceId, uint256 credits) external view returns (uint256 proceeds);

    /// @notice Price at the current supply; payment-token base units per whole credit × 1e18, rounded down.
    function price(uint256 serviceId) external view returns (uint256 priceWad);

    /// @notice Price at a given supply.
    function priceAt(uint256 serviceId, uint256 supply) external view returns (uint256 priceWad);

    /// @notice Least supply whose price is at least `priceWad`. Reverts when the curve never gets there.
    function supplyAtPrice(uint256 serviceId, uint256 priceWad) external view returns (uint256 supply);

    /// @notice R(supply): what the reserve is when `supply` credits are outstanding.
    function areaAt(uint256 serviceId, uint256 supply) external view returns (uint256 area);

    function reserveOf(uint256 serviceId) external view returns (uint256);

    /// @notice Credits outstanding: the total supply of the access token.
    function supplyOf(uint256 serviceId) external view returns (uint256);

    function claimOf(address token, address account) external view returns (uint256);

    /// @notice What the market knows of a service, as listed.
    function listingOf(
        uint256 serviceId
    ) external view returns (address paymentToken, address publisher, uint16 royaltyBps, CurvePoints memory curve);
}
