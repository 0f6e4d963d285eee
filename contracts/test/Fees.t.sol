// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessToken} from "../AccessToken.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {vm} from "./Vm.sol";

contract FeesTest is PaymentFixture {
    uint256 private constant PAYER_KEY = 0xA11CE;
    uint256 private constant OPERATOR = 0x0B;
    uint256 private constant SESSION_KEY = 0x5E55;
    address private payer;
    address private owner;

    function setUp() public {
        deployAll();
        payer = vm.addr(PAYER_KEY);
        owner = startProvider(OPERATOR, createService(defaultService()), 1_000_000e18);
    }

    function claims() private view returns (uint256 protocol, uint256 royalty) {
        return (market.claimOf(address(usd), treasury), market.claimOf(address(usd), publisher));
    }

    /// On every way to buy, on any curve: what is paid beyond the area is each fee, rounded up on its own, and belongs to
    /// the treasury and the publisher; the reserve is R and nothing else.
    function testFuzz_FeesAreRoundedUpOnEveryWayToBuyAndNeverPartOfTheReserve(
        uint256 seed,
        uint256 creditSeed,
        uint16 royaltyBps,
        uint8 way
    ) public {
        ServiceParams memory params = defaultService();
        params.curve = CurveSamples.curve(seed);
        params.royaltyBps = royaltyBps = uint16(bound(royaltyBps, 0, 2_000));
        params.minBondPerCredit = 0;
        uint256 id = createService(params);
        uint256 credits = 1 + CurveSamples.magnitude(creditSeed, 0, type(uint96).max - 1);
        uint256 area = market.areaAt(id, credits);
        uint256 protocolFee = (area * PROTOCOL_FEE_BPS + 9_999) / 10_000;
        uint256 royalty = (area * royaltyBps + 9_999) / 10_000;
        uint256 cost = area + protocolFee + royalty;
        fund(payer, cost);
        bool opens = way % 3 == 2;
        if (opens && area == 0) return;
        if (opens) assertEq(buyAndOpen(id, credits), cost, "cost of a session");
        else if (way % 3 == 1) assertEq(buyWith(id, credits), cost, "cost");
        else assertEq(plainBuy(id, credits), cost, "cost");

        (uint256 protocolClaim, uint256 royaltyClaim) = claims();
        assertEq(protocolClaim, protocolFee, "protocol fee");
        assertEq(royaltyClaim, royalty, "royalty");
        assertEq(market.reserveOf(id), opens ? 0 : area, "reserve");
        assertEq(market.claimOf(address(usd), address(escrow)), opens ? area : 0, "escrow's claim");
        assertEq(usd.balanceOf(address(market)), cost, "market's money");
    }

    function plainBuy(uint256 id, uint256 credits) private returns (uint256) {
        vm.prank(payer);
        return market.buy(id, credits, type(uint256).max, payer, block.timestamp);
    }

    function buyWith(uint256 id, uint256 credits) private returns (uint256) {
        BuyIntent memory intent = buyIntent(id, credits, payer);
        vm.prank(payer);
        return market.buyWith(intent, Payment(PaymentMethod.Allowance, payer, ""));
    }

    function buyAndOpen(uint256 id, uint256 credits) private returns (uint256 cost) {
        vm.prank(owner);
        registry.enrol(id);
        Offer memory offer = makeOffer(id, owner);
        offer.bondPerCredit = 0;
        SessionOrder memory order = sessionOrder(id, credits, SESSION_KEY);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.prank(payer);
        (, cost) = escrow.buyAndOpen(offer, signature, order, Payment(PaymentMethod.Allowance, payer, ""));
    }

    /// Leaving is free, whichever way: sale, redemption into a session, settlement.
    function test_SalesSessionsAndSettlementsPayNoFee() public {
        uint256 id = 1;
        buy(payer, id, 1_000 * CREDIT);
        (uint256 protocol, uint256 royalty) = claims();
        vm.prank(payer);
        market.sell(id, 400 * CREDIT, 0, payer, block.timestamp);
        Offer memory offer = makeOffer(id, owner);
        SessionParams memory params = openSession(payer, offer, OPERATOR, uint128(600 * CREDIT), SESSION_KEY);
        SessionState memory s;
        s.sessionId = keccak256(abi.encode(params));
        (s.seq, s.creditsUsed, s.isFinal) = (1, uint128(200 * CREDIT), true);
        escrow.close(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
        (uint256 protocolAfter, uint256 royaltyAfter) = claims();
        assertEq(protocolAfter, protocol, "protocol fee");
        assertEq(royaltyAfter, royalty, "royalty");
        assertEq(
            usd.balanceOf(address(market)),
            protocol + royalty + market.claimOf(address(usd), payer) + market.claimOf(address(usd), owner),
            "something was kept"
        );
    }

    /// 5% to the protocol, fixed at deployment; 20% to the publisher, fixed at creation.
    function test_FeesAreCappedInCode() public {
        deployMarket(500);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_FeeTooHigh.selector, 501, 500));
        this.deployMarket(501);
        ServiceParams memory params = defaultService();
        params.royaltyBps = 2_000;
        uint256 id = createService(params);
        assertTrue(id != 0, "the highest royalty is allowed");
        params.royaltyBps = 2_001;
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_RoyaltyTooHigh.selector, 2_001, 2_000));
        createService(params);
    }

    /// @dev The access token stands in for a registry: only its wiring is asked for.
    function deployMarket(uint256 feeBps) public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        AccessToken token = new AccessToken(next, "");
        new BezierMarket(token, address(token), address(escrow), treasury, feeBps, PERMIT2);
    }
}
