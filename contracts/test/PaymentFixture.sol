// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {PaymentHashes} from "../libraries/PaymentHashes.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {Offer} from "../types/SessionTypes.sol";
import {Fixture} from "./Fixture.sol";
import {RealMoney} from "./RealMoney.sol";
import {vm} from "./Vm.sol";

/// @title Payers who sign: the real Permit2 is in place, and every method has its signature.
abstract contract PaymentFixture is Fixture {
    using PaymentHashes for BuyIntent;

    /// @dev What signatures are made for, so that tests can make them for something else.
    struct Signing {
        uint256 key;
        address token;
        address spender;
        uint256 maxCost;
        uint256 deadline;
        uint256 nonce;
        bytes32 intentHash;
        bool forSession;
    }

    function deployAll() internal {
        deploySystem();
        RealMoney.placePermit2(address(PERMIT2));
    }

    // ---- intents ----

    function buyIntent(uint256 serviceId, uint256 credits, address recipient) internal returns (BuyIntent memory) {
        (uint256 cost, , ) = market.quoteBuy(serviceId, credits);
        return
            BuyIntent({
                serviceId: serviceId,
                credits: uint128(credits),
                maxCost: uint128(cost),
                recipient: recipient,
                deadline: uint64(block.timestamp + 10 minutes),
                nonce: _nextIntent++
            });
    }

    function sessionOrder(
        uint256 serviceId,
        uint256 credits,
        uint256 sessionKey
    ) internal returns (SessionOrder memory) {
        (uint256 cost, , ) = market.quoteBuy(serviceId, credits);
        return
            SessionOrder({
                credits: uint128(credits),
                sessionKey: vm.addr(sessionKey),
                maxCost: uint128(cost),
                minValue: 1,
                deadline: uint64(block.timestamp + 10 minutes),
                nonce: _nextIntent++
            });
    }

    uint256 private _nextIntent = 1;

    // ---- payments ----

    function payFor(BuyIntent memory intent, PaymentMethod method, uint256 key) internal view returns (Payment memory) {
        return payment(method, signing(intent, key));
    }

    function payFor(
        Offer memory offer,
        SessionOrder memory order,
        PaymentMethod method,
        uint256 key
    ) internal view returns (Payment memory) {
        return payment(method, signing(offer, order, key));
    }

    function signing(BuyIntent memory intent, uint256 key) internal view returns (Signing memory) {
        (address token, , , ) = market.listingOf(intent.serviceId);
        return
            Signing({
                key: key,
                token: token,
                spender: address(market),
                maxCost: intent.maxCost,
                deadline: intent.deadline,
                nonce: intent.nonce,
                intentHash: keccak256(abi.encode(PaymentHashes.BUY_INTENT_TYPEHASH, intent)),
                forSession: false
            });
    }

    function signing(
        Offer memory offer,
        SessionOrder memory order,
        uint256 key
    ) internal view returns (Signing memory) {
        (address token, , , ) = market.listingOf(offer.serviceId);
        bytes32 typeHash = PaymentHashes.SESSION_INTENT_TYPEHASH;
        return
            Signing({
                key: key,
                token: token,
                spender: address(market),
                maxCost: order.maxCost,
                deadline: order.deadline,
                nonce: order.nonce,
                intentHash: keccak256(abi.encode(typeHash, offer.serviceId, escrow.offerDigest(offer), order)),
                forSession: true
            });
    }

    function payment(PaymentMethod method, Signing memory s) internal view returns (Payment memory) {
        bytes memory signature;
        if (method == PaymentMethod.Permit) signature = signPermit(s);
        if (method == PaymentMethod.Permit2) signature = signPermit2(s);
        if (method == PaymentMethod.Authorization) signature = signAuthorization(s);
        return Payment(method, vm.addr(s.key), signature);
    }

    // ---- signatures ----

    function signPermit(Signing memory s) internal view returns (bytes memory) {
        IERC20Permit token = IERC20Permit(s.token);
        address owner = vm.addr(s.key);
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 hash = keccak256(abi.encode(typeHash, owner, s.spender, s.maxCost, token.nonces(owner), s.deadline));
        return signUnder(s.key, token.DOMAIN_SEPARATOR(), hash);
    }

    function signPermit2(Signing memory s) internal view returns (bytes memory) {
        bytes32 permissions = keccak256(
            abi.encode(keccak256("TokenPermissions(address token,uint256 amount)"), s.token, s.maxCost)
        );
        bytes32 typeHash = keccak256(
            bytes.concat(
                "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,",
                bytes(s.forSession ? PaymentHashes.sessionWitnessType() : PaymentHashes.buyWitnessType())
            )
        );
        bytes32 hash = keccak256(abi.encode(typeHash, permissions, s.spender, s.nonce, s.deadline, s.intentHash));
        return signUnder(s.key, IERC20Permit(address(PERMIT2)).DOMAIN_SEPARATOR(), hash);
    }

    function signAuthorization(Signing memory s) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        bytes32 hash = keccak256(
            abi.encode(typeHash, vm.addr(s.key), s.spender, s.maxCost, 0, s.deadline + 1, s.intentHash)
        );
        return signUnder(s.key, IERC20Permit(s.token).DOMAIN_SEPARATOR(), hash);
    }

    function signUnder(uint256 key, bytes32 domain, bytes32 structHash) internal pure returns (bytes memory) {
        return sign(key, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
    }

    // ---- money ----

    /// @dev Allows `amount` to whom the method needs.
    function allow(address token, uint256 key, PaymentMethod method, uint256 amount) internal {
        address spender;
        if (method == PaymentMethod.Allowance) spender = address(market);
        if (method == PaymentMethod.Permit2) spender = address(PERMIT2);
        if (spender == address(0)) return;
        vm.prank(vm.addr(key));
        IERC20(token).approve(spender, amount);
    }

    /// @dev What the market must hold: the service's reserve and the claims of those who can have any.
    function owed(uint256 serviceId, address token, address[2] memory others) internal view returns (uint256) {
        return
            market.reserveOf(serviceId) +
            market.claimOf(token, treasury) +
            market.claimOf(token, publisher) +
            market.claimOf(token, address(escrow)) +
            market.claimOf(token, others[0]) +
            market.claimOf(token, others[1]);
    }
}
