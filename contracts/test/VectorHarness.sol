// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BezierCurve} from "../libraries/BezierCurve.sol";
import {PaymentHashes} from "../libraries/PaymentHashes.sol";
import {ReceiptProof} from "../libraries/ReceiptProof.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {SettlementLib} from "../libraries/SettlementLib.sol";
import {TariffLib} from "../libraries/TariffLib.sol";
import {CurvePoints, Tariff, Usage} from "../types/ServiceTypes.sol";
import {BuyIntent, SessionOrder} from "../types/PaymentTypes.sol";
import {DemandAnswer, DemandRefusal, Offer, SessionState} from "../types/SessionTypes.sol";

/// @title The pure libraries, callable: what the golden vectors are checked against.
contract VectorHarness {
    struct SettlementInput {
        uint256 value;
        uint256 credits;
        uint256 bond;
        uint256 toleranceBps;
        uint256 rebateBps;
        uint256 bondPenaltyBps;
        uint256 collected;
        uint256 creditsUsed;
        uint256 invocations;
        uint256 breaches;
    }

    function areasAndPrices(
        CurvePoints calldata curve,
        uint256[] calldata supplies
    ) external pure returns (uint256[] memory areas, uint256[] memory prices) {
        BezierCurve.validate(curve);
        areas = new uint256[](supplies.length);
        prices = new uint256[](supplies.length);
        for (uint256 i = 0; i < supplies.length; ++i) {
            areas[i] = BezierCurve.areaAt(curve, supplies[i]);
            prices[i] = BezierCurve.priceAt(curve, supplies[i]);
        }
    }

    function suppliesAtPrices(
        CurvePoints calldata curve,
        uint256[] calldata prices
    ) external pure returns (uint256[] memory supplies) {
        supplies = new uint256[](prices.length);
        for (uint256 i = 0; i < prices.length; ++i) supplies[i] = BezierCurve.supplyAtPrice(curve, prices[i]);
    }

    function creditsUp(Tariff calldata tariff, Usage calldata usage) external pure returns (uint256) {
        return TariffLib.creditsUp(tariff, usage);
    }

    function leafOf(bytes calldata receipt) external pure returns (bytes32) {
        return ReceiptProof.leafOf(receipt);
    }

    function verify(
        bytes32 root,
        uint64 size,
        uint64 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return ReceiptProof.verify(root, size, index, leaf, path);
    }

    function settle(
        SettlementInput calldata s
    ) external pure returns (uint256 providerAmount, uint256 buyerAmount, uint256 bondPenalty) {
        uint256 excess = SettlementLib.excessBreaches(s.invocations, s.breaches, s.toleranceBps);
        providerAmount = SettlementLib.providerAmountDown(
            s.value,
            s.credits,
            s.creditsUsed,
            s.rebateBps,
            excess,
            s.invocations,
            s.collected
        );
        buyerAmount = s.value - providerAmount;
        bondPenalty = SettlementLib.shareUp(s.bond, s.bondPenaltyBps, excess, s.invocations);
    }

    function hashOffer(Offer calldata offer) external pure returns (bytes32) {
        return SessionHashes.structHash(offer);
    }

    function hashSessionState(SessionState calldata state) external pure returns (bytes32) {
        return SessionHashes.structHash(state);
    }

    function hashDemandAnswer(DemandAnswer calldata answer) external pure returns (bytes32) {
        return SessionHashes.structHash(answer);
    }

    function hashDemandRefusal(DemandRefusal calldata refusal) external pure returns (bytes32) {
        return SessionHashes.structHash(refusal);
    }

    function hashOperatorConsent(
        address owner,
        address operator,
        uint256 nonce,
        uint64 deadline
    ) external pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("OperatorConsent(address owner,address operator,uint256 nonce,uint64 deadline)"),
                    owner,
                    operator,
                    nonce,
                    deadline
                )
            );
    }

    function hashChannelAttachment(bytes32 sessionId, bytes32 handshakeHash) external pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("ChannelAttachment(bytes32 sessionId,bytes32 handshakeHash)"),
                    sessionId,
                    handshakeHash
                )
            );
    }

    function hashBuyIntent(BuyIntent calldata intent) external pure returns (bytes32) {
        return PaymentHashes.structHash(intent);
    }

    function hashSessionIntent(
        uint256 serviceId,
        bytes32 offerDigest,
        SessionOrder calldata order
    ) external pure returns (bytes32) {
        return PaymentHashes.sessionIntentHash(serviceId, offerDigest, order);
    }

    /// @notice What `PermitWitnessTransferFrom(…,` goes on with, for a purchase and for a session.
    function witnessTypes() external pure returns (string memory, string memory) {
        return (PaymentHashes.buyWitnessType(), PaymentHashes.sessionWitnessType());
    }

    /// @notice EIP-712 digest of a struct hash for any chain and contract, by the letter of the specification.
    function digest(bytes32 structHash, uint256 chainId, address verifyingContract) external pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("deMEC"),
                keccak256("1"),
                chainId,
                verifyingContract
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
