// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPermit2} from "../interfaces/IPermit2.sol";
import {Errors} from "../libraries/Errors.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState, SessionStatus} from "../types/SessionTypes.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {vm} from "./Vm.sol";

contract BuyAndOpenTest is PaymentFixture {
    uint256 private constant PAYER_KEY = 0xA11CE;
    uint256 private constant OPERATOR = 0x0B;
    uint256 private constant SESSION_KEY = 0x5E55;
    address private constant STRANGER = address(0x57A);
    uint256 private constant MONEY = 1_000_000_000 * USD;
    uint256 private id;
    address private owner;
    address private payer;

    function setUp() public {
        deployAll();
        id = createService(defaultService());
        owner = startProvider(OPERATOR, id, 100_000_000e18);
        payer = vm.addr(PAYER_KEY);
        usd.mint(payer, MONEY);
        allow(address(usd), PAYER_KEY, PaymentMethod.Permit2, type(uint256).max);
    }

    // ---- helpers ----

    function send(
        address sender,
        Offer memory offer,
        SessionOrder memory order,
        Payment memory paid
    ) private returns (bytes32 sessionId, uint256 cost) {
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.prank(sender);
        return escrow.buyAndOpen(offer, signature, order, paid);
    }

    /// @dev The payer's own, by allowance.
    function refuses(Offer memory offer, SessionOrder memory order, bytes memory reason) private {
        allow(address(usd), PAYER_KEY, PaymentMethod.Allowance, type(uint256).max);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.expectRevert(reason);
        vm.prank(payer);
        escrow.buyAndOpen(offer, signature, order, Payment(PaymentMethod.Allowance, payer, ""));
        assertNothingMoved(offer);
    }

    function assertNothingMoved(Offer memory offer) private view {
        assertEq(usd.balanceOf(payer), MONEY, "payer's money");
        assertEq(usd.balanceOf(address(market)), 0, "market's money");
        assertEq(staking.getProvider(owner).bonded, 0, "stake was locked");
        assertTrue(!escrow.isOfferUsed(owner, offer.nonce), "offer is used up");
    }

    function signedMethod(uint256 seed) private pure returns (PaymentMethod) {
        return seed % 2 == 0 ? PaymentMethod.Permit2 : PaymentMethod.Authorization;
    }

    // ---- one transaction is as good as two ----

    /// On any curve, at any supply, by any method: the session, its value, the fees and the money are those of buying and
    /// then opening, to the unit; supply and reserve don't move.
    function testFuzz_BuyingAndOpeningAtOnceIsBuyingThenOpening(
        uint256 seed,
        uint256 supplySeed,
        uint256 creditSeed,
        uint8 method
    ) public {
        ServiceParams memory params = defaultService();
        params.curve = CurveSamples.curve(seed);
        params.minBondPerCredit = 0;
        params.royaltyBps = uint16(seed % 2001);
        (uint256 one, uint256 two) = (createService(params), createService(params));
        vm.startPrank(owner);
        registry.enrol(one);
        registry.enrol(two);
        vm.stopPrank();
        uint256 supply = CurveSamples.magnitude(supplySeed, 0, type(uint96).max - 1);
        uint256 credits = 1 + CurveSamples.magnitude(creditSeed, 0, type(uint96).max - supply - 1);
        if (supply != 0) {
            buy(STRANGER, one, supply);
            buy(STRANGER, two, supply);
        }
        (uint256 cost, uint256 protocolFee, uint256 royalty) = market.quoteBuy(one, credits);
        if (cost - protocolFee - royalty == 0 || cost > type(uint128).max) return;
        usd.mint(payer, 2 * cost);

        uint256[2] memory claims = [market.claimOf(address(usd), treasury), market.claimOf(address(usd), publisher)];
        vm.startPrank(payer);
        usd.approve(address(market), type(uint256).max);
        market.buy(two, credits, cost, payer, block.timestamp);
        vm.stopPrank();
        Offer memory offer = makeOffer(two, owner);
        offer.bondPerCredit = 0;
        SessionParams memory expected = openSession(payer, offer, OPERATOR, uint128(credits), SESSION_KEY);
        assertEq(market.reserveOf(two), market.areaAt(two, supply), "reserve after opening");

        offer = makeOffer(one, owner);
        offer.bondPerCredit = 0;
        checkOneStep(offer, credits, PaymentMethod(method % 4), expected);
        assertEq(market.supplyOf(one), supply, "supply moved");
        assertEq(market.reserveOf(one), market.areaAt(one, supply), "reserve moved");
        assertEq(market.claimOf(address(usd), treasury), claims[0] + 2 * protocolFee, "protocol fees");
        assertEq(market.claimOf(address(usd), publisher), claims[1] + 2 * royalty, "royalties");
    }

    function checkOneStep(
        Offer memory offer,
        uint256 credits,
        PaymentMethod method,
        SessionParams memory expected
    ) private {
        uint256 balance = usd.balanceOf(payer);
        SessionOrder memory order = sessionOrder(offer.serviceId, credits, SESSION_KEY);
        (bytes32 sessionId, uint256 cost) = send(payer, offer, order, payFor(offer, order, method, PAYER_KEY));
        expected.serviceId = offer.serviceId;
        expected.offerDigest = escrow.offerDigest(offer);
        assertTrue(sessionId == SessionHashes.sessionId(expected), "another session");
        assertEq(usd.balanceOf(payer) + cost, balance, "paid");
        assertEq(market.claimOf(address(usd), address(escrow)), 2 * uint256(expected.value), "escrow's claim");
    }

    function test_ASessionThatWasBoughtAndOpenedSettlesLikeAnyOther() public {
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, 100 * CREDIT, SESSION_KEY);
        uint256 value = market.areaAt(id, 100 * CREDIT);
        SessionParams memory params = expectedParamsOf(offer, order, value);
        (bytes32 sessionId, uint256 cost) = send(
            payer,
            offer,
            order,
            payFor(offer, order, PaymentMethod.Permit, PAYER_KEY)
        );
        assertTrue(sessionId == SessionHashes.sessionId(params), "session id");
        assertEq(accessToken.balanceOf(payer, id), 0, "credits were minted");
        SessionState memory s;
        (s.sessionId, s.seq, s.creditsUsed, s.invocations, s.isFinal) = (sessionId, 1, uint128(25 * CREDIT), 100, true);
        escrow.close(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
        assertEq(market.claimOf(address(usd), owner), value / 4, "provider");
        assertEq(market.claimOf(address(usd), payer), value - value / 4, "buyer");
        vm.prank(payer);
        market.withdraw(address(usd), payer);
        assertEq(usd.balanceOf(payer), MONEY - cost + value - value / 4, "refund");
    }

    function expectedParamsOf(
        Offer memory offer,
        SessionOrder memory order,
        uint256 value
    ) private view returns (SessionParams memory) {
        return expectedParams(payer, offer, OPERATOR, order.credits, SESSION_KEY, value);
    }

    function test_WhatAnAuthorisationPaysTooMuchIsTheBuyersClaim() public {
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, 100 * CREDIT, SESSION_KEY);
        uint256 cost = order.maxCost;
        order.maxCost += 1_234_567;
        Payment memory paid = payFor(offer, order, PaymentMethod.Authorization, PAYER_KEY);
        send(STRANGER, offer, order, paid);
        assertEq(market.claimOf(address(usd), payer), 1_234_567, "excess");
        assertEq(usd.balanceOf(address(market)), cost + 1_234_567, "market's money");
        assertEq(usd.balanceOf(address(market)), owed(id, address(usd), [payer, STRANGER]), "market's balance");
    }

    // ---- who may send it ----

    function testFuzz_AStrangerWhoRelaysOpensASessionOfTheSigner(uint8 seed, uint64 creditSeed) public {
        Offer memory offer = makeOffer(id, owner);
        offer.buyer = payer;
        SessionOrder memory order = sessionOrder(id, 1e15 + uint256(creditSeed), SESSION_KEY);
        Payment memory paid = payFor(offer, order, signedMethod(seed), PAYER_KEY);
        SessionParams memory params = expectedParamsOf(offer, order, market.areaAt(id, order.credits));
        uint256 before = usd.balanceOf(STRANGER) + market.claimOf(address(usd), STRANGER);
        (bytes32 sessionId, ) = send(STRANGER, offer, order, paid);
        // The id commits to the buyer and to its session key.
        assertTrue(sessionId == SessionHashes.sessionId(params), "not the signer's session");
        assertTrue(escrow.getSession(sessionId).status == SessionStatus.Open, "status");
        assertEq(usd.balanceOf(STRANGER) + market.claimOf(address(usd), STRANGER), before, "stranger's money");
    }

    function test_OnlyThePayerOpensWithItsAllowanceOrItsPermit() public {
        for (uint256 i = 0; i < 2; ++i) {
            allow(address(usd), PAYER_KEY, PaymentMethod(i), type(uint256).max);
            Offer memory offer = makeOffer(id, owner);
            SessionOrder memory order = sessionOrder(id, CREDIT, SESSION_KEY);
            Payment memory paid = payFor(offer, order, PaymentMethod(i), PAYER_KEY);
            bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
            vm.expectRevert(abi.encodeWithSelector(Errors.Payment_ForeignPayer.selector, payer, STRANGER));
            vm.prank(STRANGER);
            escrow.buyAndOpen(offer, signature, order, paid);
            assertNothingMoved(offer);
        }
    }

    function test_OnlyTheEscrowBuysForASession() public {
        SessionOrder memory order = sessionOrder(id, CREDIT, SESSION_KEY);
        allow(address(usd), PAYER_KEY, PaymentMethod.Allowance, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_Forbidden.selector, STRANGER));
        vm.prank(STRANGER);
        market.buyForSession(id, bytes32(0), order, Payment(PaymentMethod.Allowance, payer, ""), payer);
    }

    // ---- what a signature binds ----

    /// Whatever a thief changes of the order or of the offer, the signature he lifted opens nothing and pays for nothing.
    function testFuzz_ALiftedSignatureOpensNoOtherSession(uint8 seed, uint8 field, uint64 change) public {
        uint256 other = createService(defaultService());
        vm.prank(owner);
        registry.enrol(other);
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, 10 * CREDIT, SESSION_KEY);
        order.maxCost *= 2;
        PaymentMethod method = signedMethod(seed);
        Payment memory paid = payFor(offer, order, method, PAYER_KEY);
        change = uint64(bound(change, 1, CREDIT));
        field = field % 9;
        if (field == 0) order.credits += change;
        if (field == 1) order.sessionKey = address(uint160(change));
        if (field == 2) order.maxCost += change;
        if (field == 3) order.minValue = 0;
        if (field == 4) order.deadline += change;
        if (field == 5) order.nonce += change;
        if (field == 6) offer.serviceId = other;
        if (field == 7) offer.nonce += change;
        if (field == 8) offer.bondPerCredit += change;
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        if (method == PaymentMethod.Permit2) vm.expectRevert(IPermit2.InvalidSigner.selector);
        else vm.expectPartialRevert(Errors.Payment_AuthorizationRefused.selector);
        vm.prank(STRANGER);
        escrow.buyAndOpen(offer, signature, order, paid);
        assertNothingMoved(offer);
    }

    function test_AnOrderOpensOneSessionEvenUnderTwoOffersOfTheSameTerms() public {
        for (uint256 i = 0; i < 2; ++i) {
            Offer memory offer = makeOffer(id, owner);
            SessionOrder memory order = sessionOrder(id, 10 * CREDIT, SESSION_KEY);
            order.maxCost *= 2;
            Payment memory paid = payFor(offer, order, signedMethod(i), PAYER_KEY);
            send(STRANGER, offer, order, paid);
            bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
            vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_OfferUsed.selector, owner, offer.nonce));
            escrow.buyAndOpen(offer, signature, order, paid);
            offer.nonce += 1_000;
            signature = sign(OPERATOR, escrow.offerDigest(offer));
            if (i == 0) vm.expectRevert(IPermit2.InvalidNonce.selector);
            else vm.expectPartialRevert(Errors.Payment_AuthorizationRefused.selector);
            escrow.buyAndOpen(offer, signature, order, paid);
        }
    }

    /// The two kinds of intent are types of their own: neither stands for the other, whatever numbers they carry.
    function test_ASignedPurchaseOpensNoSessionAndASignedOrderBuysNoCredits() public {
        for (uint256 i = 0; i < 2; ++i) {
            PaymentMethod method = signedMethod(i);
            bytes4 refusal = i == 0 ? IPermit2.InvalidSigner.selector : Errors.Payment_AuthorizationRefused.selector;
            Offer memory offer = makeOffer(id, owner);
            SessionOrder memory order = sessionOrder(id, CREDIT, SESSION_KEY);
            BuyIntent memory intent = BuyIntent(id, order.credits, order.maxCost, payer, order.deadline, order.nonce);
            Payment memory forCredits = payFor(intent, method, PAYER_KEY);
            Payment memory forSession = payFor(offer, order, method, PAYER_KEY);
            bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
            vm.expectPartialRevert(refusal);
            escrow.buyAndOpen(offer, signature, order, forCredits);
            vm.expectPartialRevert(refusal);
            market.buyWith(intent, forSession);
            assertNothingMoved(offer);
        }
    }

    // ---- limits ----

    function test_OrdersBeyondTheBuyersLimitsAreRefusedAndNothingMoves() public {
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, 10 * CREDIT, SESSION_KEY);
        uint128 cost = order.maxCost;
        uint256 value = market.areaAt(id, 10 * CREDIT);
        uint256 time = block.timestamp;

        order.maxCost = cost - 1;
        refuses(offer, order, abi.encodeWithSelector(Errors.Market_CostAboveLimit.selector, cost, cost - 1));
        order.maxCost = cost;
        order.minValue = uint128(value + 1);
        refuses(offer, order, abi.encodeWithSelector(Errors.Escrow_ValueBelowLimit.selector, value, value + 1));
        order.minValue = uint128(value);
        order.deadline = uint64(time - 1);
        refuses(offer, order, abi.encodeWithSelector(Errors.Escrow_DeadlinePassed.selector, time - 1, time));
        order.deadline = uint64(time);
        order.sessionKey = address(0);
        refuses(offer, order, abi.encodeWithSelector(Errors.Escrow_ZeroSessionKey.selector));
    }

    function test_OrdersBeyondTheProvidersTermsAreRefusedAndNothingMoves() public {
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, 10 * CREDIT, SESSION_KEY);
        uint128 cost = order.maxCost;
        uint256 value = market.areaAt(id, 10 * CREDIT);
        offer.buyer = STRANGER;
        refuses(offer, order, abi.encodeWithSelector(Errors.Escrow_ForeignBuyer.selector, STRANGER, payer));
        offer.buyer = payer;
        offer.maxCredits = uint128(10 * CREDIT - 1);
        refuses(
            offer,
            order,
            abi.encodeWithSelector(
                Errors.Escrow_CreditsOutOfRange.selector,
                10 * CREDIT,
                offer.minCredits,
                10 * CREDIT - 1
            )
        );
        offer.maxCredits = type(uint128).max;
        offer.minValuePerCredit = uint128((value * 1e18) / 10 + 1);
        refuses(offer, order, abi.encodeWithSelector(Errors.Escrow_ValueBelowLimit.selector, value, value + 1));
        offer.minValuePerCredit = 0;
        offer.serviceId = 99;
        refuses(offer, order, abi.encodeWithSelector(Errors.Registry_NotEnrolled.selector, 99, owner));
        offer.serviceId = id;
        order.credits = 1;
        order.minValue = 0;
        refuses(offer, order, abi.encodeWithSelector(Errors.Escrow_ValueBelowLimit.selector, 0, 1));
        order.credits = uint128(10 * CREDIT);

        Payment memory paid = Payment(PaymentMethod.Allowance, payer, "");
        bytes memory foreign = sign(0xBAD, escrow.offerDigest(offer));
        vm.expectPartialRevert(Errors.Escrow_ForeignSigner.selector);
        vm.prank(payer);
        escrow.buyAndOpen(offer, foreign, order, paid);
        assertNothingMoved(offer);
        send(payer, offer, order, paid);
        assertEq(usd.balanceOf(payer), MONEY - cost, "paid");
    }

    function test_ASessionBeyondTheLargestSupplyIsRefused() public {
        ServiceParams memory params = defaultService();
        params.minBondPerCredit = 0;
        uint256 big = createService(params);
        vm.prank(owner);
        registry.enrol(big);
        buy(STRANGER, big, type(uint96).max - 5);
        Offer memory offer = makeOffer(big, owner);
        offer.bondPerCredit = 0;
        SessionOrder memory order = sessionOrder(big, 5, SESSION_KEY);
        order.credits = 6;
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.expectPartialRevert(Errors.Market_SupplyTooLarge.selector);
        vm.prank(payer);
        escrow.buyAndOpen(offer, signature, order, Payment(PaymentMethod.Allowance, payer, ""));
    }
}
