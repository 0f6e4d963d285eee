// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Payment, SessionOrder} from "../types/PaymentTypes.sol";
import {Offer, Session, SessionParams, SessionState, SettleItem} from "../types/SessionTypes.sol";

/// @title Escrowed sessions: credits become value in escrow, co-signed states decide who gets it.
/// @dev Every function takes the session's static part and checks it against the session id that it hashes to.
interface ISlaEscrow {
    event SessionOpened(
        bytes32 indexed sessionId,
        address indexed provider,
        address indexed buyer,
        SessionParams params
    );
    event Collected(bytes32 indexed sessionId, uint256 amount, SessionState state);
    event ClosingStarted(bytes32 indexed sessionId, address indexed by, uint256 deadline, SessionState state);
    event ClosingChallenged(bytes32 indexed sessionId, address indexed by, uint256 deadline, SessionState state);
    /// @param state newest state, what was proven @param providerAmount collected before included
    event SessionSettled(
        bytes32 indexed sessionId,
        address indexed provider,
        address indexed buyer,
        SessionState state,
        uint256 providerAmount,
        uint256 buyerAmount,
        uint256 bondPenalty
    );
    /// @param reason revert data of the item that was skipped
    event SettlementSkipped(bytes32 indexed sessionId, bytes reason);
    /// @param bond what was to be taken @param taken what was found at once, see `IProviderStaking.slash`
    event BondSlashed(
        bytes32 indexed sessionId,
        address indexed provider,
        address indexed reporter,
        uint256 bond,
        uint256 taken
    );
    event OfferCancelled(address indexed provider, uint256 nonce);

    /// @notice The calling buyer opens a session: burns credits, locks the provider's bond.
    /// @param minValue least escrow value the buyer accepts for the credits; payment-token base units
    /// @param deadline last second at which it may happen
    function open(
        Offer calldata offer,
        bytes calldata operatorSig,
        uint128 credits,
        address sessionKey,
        uint256 minValue,
        uint256 deadline
    ) external returns (bytes32 sessionId);

    /// @notice Buys credits and opens a session with them in one transaction; the payer is the session's buyer. Where the
    /// payment's signature covers the intent (Permit2, ERC-3009), anyone may send it; else the payer sends it itself.
    /// @param payment from which the market draws the cost, at most `order.maxCost`
    /// @return sessionId of the session @return cost what was paid, fees included; payment-token base units
    function buyAndOpen(
        Offer calldata offer,
        bytes calldata operatorSig,
        SessionOrder calldata order,
        Payment calldata payment
    ) external returns (bytes32 sessionId, uint256 cost);

    /// @notice Marks one of a provider's offers as used. Owner or operator.
    function cancelOffer(address provider, uint256 nonce) external;

    /// @notice Pays the provider what no later state can take away, without closing. Anyone may bring the state.
    function collect(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external returns (uint256 amount);

    /// @notice Settles at once by a co-signed final state. Anyone may bring it.
    function close(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external;

    /// @notice Buyer, owner or operator starts to close alone, with the newest state it has, or none (seq 0, empty signatures).
    function startClosing(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external;

    /// @notice Replaces the state of a closing session by a newer one. Anyone may bring it; the other side gets one more
    /// challenge period to reply, once a side.
    function challenge(
        SessionParams calldata params,
        SessionState calldata state,
        bytes calldata operatorSig,
        bytes calldata sessionKeySig
    ) external;

    /// @notice Settles a closing session after its deadline, by the newest state the chain has seen. Anyone. While a demand
    /// waits for its answer it can't be finished; only both signatures close it then.
    /// @param state that newest state; all zero when there was none
    function finish(SessionParams calldata params, SessionState calldata state) external;

    /// @notice Settles many sessions; an item that fails is skipped with an event.
    /// @return settled how many were settled
    function settleMany(SettleItem[] calldata items) external returns (uint256 settled);

    /// @notice Holds an open session until its one demand has ended. Court only, like the three below.
    function beginDemand(bytes32 sessionId) external;

    /// @notice The demand was answered.
    function endDemand(bytes32 sessionId) external;

    /// @notice The demand was not answered: an open session starts to close, one that is closing goes on.
    function faultClose(SessionParams calldata params) external;

    /// @notice Slashes the bond of a session for a proven fault, once in its life; later calls take nothing.
    /// @return taken stake-token base units found at once; what is missing is taken from what becomes free later
    function slashBond(SessionParams calldata params, address reporter) external returns (uint256 taken);

    /// @notice The contract that judges faults.
    function court() external view returns (address);

    function getSession(bytes32 sessionId) external view returns (Session memory);

    function isOfferUsed(address provider, uint256 nonce) external view returns (bool);

    /// @notice EIP-712 digest of an offer, as the operator signs it.
    function offerDigest(Offer calldata offer) external view returns (bytes32);

    /// @notice EIP-712 digest of a state, as operator and session key sign it.
    function stateDigest(SessionState calldata state) external view returns (bytes32);
}
