// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SessionHashes} from "../libraries/SessionHashes.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {Offer, SessionParams} from "../types/SessionTypes.sol";
import {SystemHandler} from "./SystemHandler.sol";
import {vm} from "./Vm.sol";

/// @title All of `SystemHandler`, and payments by every method, for credits and for sessions, sent by whoever may.
contract PaymentHandler is SystemHandler {
    constructor() {
        for (uint256 i = 0; i < PEOPLE; ++i) allow(address(usd), keys[i], PaymentMethod.Permit2, type(uint256).max);
    }

    function buyWithAny(uint256 person, uint256 service, uint256 credits, uint64 how) external {
        uint256 id = 1 + (service % SERVICES);
        if (market.supplyOf(id) > 1e27) return;
        BuyIntent memory intent = buyIntent(id, bound(credits, 1, 1e23), anyone(person >> 8));
        intent.maxCost += uint32(how >> 32);
        PaymentMethod method = prepareToPay(person, uint8(how), intent.maxCost);
        Payment memory paid = payFor(intent, method, keys[person % PEOPLE]);
        vm.prank(senderOf(paid, person));
        market.buyWith(intent, paid);
    }

    function buyAndOpenAny(uint256 person, uint256 service, uint256 credits, uint256 bond, uint64 how) external {
        uint256 id = 1 + (service % SERVICES);
        if (market.supplyOf(id) > 1e27 || !staking.isActive(owners[(person >> 16) % PROVIDERS])) return;
        SessionOrder memory order = sessionOrder(id, bound(credits, 1, 1e23), SESSION_KEY);
        // Dust without a value opens nothing.
        if (valueOf(id, order) == 0) return;
        order.maxCost += uint32(how >> 32);
        (bool covered, Offer memory offer) = affordable(id, (person >> 16) % PROVIDERS, order.credits, bond);
        if (covered) buyAndOpen(person, uint8(how), offer, order);
    }

    // ---- internals ----

    function buyAndOpen(uint256 person, uint8 how, Offer memory offer, SessionOrder memory order) private {
        uint256 operator = operators[(person >> 16) % PROVIDERS];
        Payment memory paid = payFor(offer, order, prepareToPay(person, how, order.maxCost), keys[person % PEOPLE]);
        uint256 value = valueOf(offer.serviceId, order);
        bytes memory signature = sign(operator, escrow.offerDigest(offer));
        vm.prank(senderOf(paid, person));
        (bytes32 sessionId, ) = escrow.buyAndOpen(offer, signature, order, paid);
        SessionParams memory params = expectedParams(paid.payer, offer, operator, order.credits, SESSION_KEY, value);
        assertTrue(sessionId == SessionHashes.sessionId(params), "session id");
        started(params);
    }

    function valueOf(uint256 id, SessionOrder memory order) private view returns (uint256) {
        return market.areaAt(id, market.supplyOf(id) + order.credits) - market.reserveOf(id);
    }

    function prepareToPay(uint256 person, uint8 seed, uint256 amount) private returns (PaymentMethod method) {
        method = PaymentMethod(seed % 4);
        usd.mint(anyone(person), amount);
        if (method == PaymentMethod.Allowance) allow(address(usd), keys[person % PEOPLE], method, amount);
    }

    /// @dev Anyone, where the signature says it all.
    function senderOf(Payment memory paid, uint256 seed) private view returns (address) {
        return uint8(paid.method) < 2 ? paid.payer : anyone(seed >> 24);
    }
}
