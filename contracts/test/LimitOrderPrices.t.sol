// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../libraries/Errors.sol";
import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {OrderBookFixture} from "./OrderBookFixture.sol";
import {vm} from "./Vm.sol";

/// @title What sellers, fillers and the rest of the market get.
contract LimitOrderPricesTest is OrderBookFixture {
    uint256 private constant MOST = type(uint96).max / 2;
    uint256 private id;
    uint256 private service;
    uint256 private priceWad;
    uint256 private lot;
    uint256[2] private orders;
    uint256 public checks;

    function setUp() public {
        deployBook();
        id = createService(defaultService());
        buy(ALICE, id, 500_000 * CREDIT);
        buy(BOB, id, 100_000 * CREDIT);
        buy(CAROL, id, 100_000 * CREDIT);
    }

    // ---- price ----

    /// No seller gets less than their price on any credit, tip taken off: on curves of every shape, in fills of any size, while
    /// others trade.
    function testFuzz_NoSellerGetsLessThanTheirPriceOnAnyCredit(uint256 seed, uint256[6] calldata steps) public {
        service = curveService(seed);
        uint256 tick = reachableTick(seed);
        (priceWad, , lot) = book.tickInfo(tick);
        uint256 least = lot < CREDIT ? CREDIT : lot;
        if (least > MOST / 4) return;
        uint256 size = CurveSamples.pick(seed, 41, least / lot, MOST / 2 / lot) * lot;
        buyRich(ALICE, size + least);
        orders[0] = place(ALICE, service, tick, size);
        orders[1] = place(ALICE, service, tick, least);
        for (uint256 i = 0; i < steps.length; ++i) {
            tradeByOthers(steps[i]);
            fillAndCheck(steps[i]);
            if (steps[i] % 3 == 0 && soldOf(orders[0]) != 0) book.claim(orders[0]);
        }
        vm.assume(checks != 0);
    }

    function tradeByOthers(uint256 r) private {
        uint256 held = accessToken.balanceOf(BOB, service);
        if (r % 5 < 2) buyRich(BOB, 1 + CurveSamples.magnitude(r, 1, (MOST * 2 - market.supplyOf(service)) / 4));
        else if (r % 5 < 4 && held != 0) sell(BOB, service, CurveSamples.pick(r, 2, 1, held));
    }

    function fillAndCheck(uint256 r) private {
        uint256 floor = market.supplyAtPrice(service, priceWad);
        uint256 room = Math.saturatingSub(market.supplyOf(service), floor);
        uint256 waiting = waitingOf(orders[0]) + waitingOf(orders[1]);
        uint256 wanted = CurveSamples.pick(r, 3, lot, MOST);
        if (room < lot || waiting == 0) return;
        (uint256 credits, ) = fill(service, wanted);
        assertAtMost(floor, market.supplyOf(service), "sold below the price's supply");
        // As much as is possible, to the lot.
        wanted = Math.min(room, wanted);
        assertEq(credits, waiting < wanted ? waiting : (wanted / lot) * lot, "a fill left something");
        checkPrice(orders[0]);
        checkPrice(orders[1]);
        ++checks;
    }

    /// At a fixed price that is the order's own, every credit still brings its price and nothing is left for a tip.
    function testFuzz_AFixedPriceIsPaidInFullToTheUnit(uint256 seed, uint256 credits) public {
        uint256 tick = tickOf(1_000 + (seed % 9_000), 12 + ((seed >> 16) % 20), 10);
        (priceWad, , lot) = book.tickInfo(tick);
        ServiceParams memory params = defaultService();
        uint128 y = uint128(priceWad);
        params.curve = CurvePoints(uint96(1e24), uint96(2e24), uint96(3e24), y, y, y, y);
        service = createService(params);
        buyRich(BOB, 1 + CurveSamples.magnitude(seed, 1, 1e24));
        credits = (bound(credits, lot < CREDIT ? CREDIT : lot, 4e24) / lot) * lot;
        buyRich(ALICE, credits);
        uint256 order = place(ALICE, service, tick, credits);
        (uint256 sold, uint256 tip) = fill(service, type(uint256).max);
        assertEq(sold, credits, "sold");
        assertEq(book.getOrder(order).proceeds, (credits / lot) * (1_000 + (seed % 9_000)), "proceeds");
        assertAtMost(tip, 1, "a tip out of the seller's price");
    }

    /// Filling in crumbs and buying the same credits back takes nothing from the sellers.
    function test_CrumbsTakeNothingFromSellers() public {
        uint256 order = place(ALICE, id, cents(200, 10), 1_000 * CREDIT);
        fund(FILLER, 1_000 * USD);
        for (uint256 i = 0; i < 60; ++i) {
            (uint256 credits, ) = fill(id, LOT + i * 1e15);
            assertEq(credits, LOT, "a lot");
            vm.prank(FILLER);
            market.buy(id, credits, USD, FILLER, block.timestamp);
        }
        assertEq(book.getOrder(order).sold, 60 * LOT, "sold");
        (priceWad, , lot) = book.tickInfo(cents(200, 10));
        checkPrice(order);
    }

    function test_ATickStandsForItsPriceItsTipAndItsLot() public view {
        (uint256 price, uint256 tipBps, uint256 size) = book.tickInfo(cents(512, 0));
        assertEq(price, 0.0512e6 * 1e18, "price");
        assertEq(tipBps, 0, "tip");
        assertEq(size, LOT, "lot");
        uint256 last;
        for (uint256 level = 0; level < 252_000; level += 997) {
            (price, tipBps, size) = book.tickInfo(level * 16 + 5);
            assertTrue(last < price, "prices don't rise with their ticks");
            assertEq((size * price) % 1e36, 0, "a lot has no whole price");
            assertEq(tipBps, 512, "tip");
            last = price;
        }
        (price, tipBps, size) = book.tickInfo(251_999 * 16 + 14);
        assertEq(price, 9_999e35, "highest price");
        assertEq(tipBps, 1, "least tip");
        assertEq(size, 10, "least lot");
    }

    // ---- tips ----

    /// The tip is what the order names of the proceeds, but never more than they exceed the seller's price by; seller and
    /// filler together get the proceeds to the unit.
    function testFuzz_TheTipComesOutOfTheSurplusAndIsAtMostWhatTheOrderNames(
        uint256 hundredths,
        uint256 tipClass
    ) public {
        uint256 price = market.price(id) / 1e20;
        hundredths = bound(hundredths, 101, price);
        tipClass = bound(tipClass, 0, 10);
        uint256 order = place(ALICE, id, cents(hundredths, tipClass), 1_000 * CREDIT);
        uint256 fits = market.supplyOf(id) - market.supplyAtPrice(id, hundredths * 1e20);
        fits = fits < 1_000 * CREDIT ? (fits / LOT) * LOT : 1_000 * CREDIT;
        if (fits == 0) return;
        uint256 proceeds = market.quoteSell(id, fits);
        (uint256 credits, uint256 tip) = fill(id, type(uint256).max);
        assertEq(credits, fits, "credits");
        uint256 named = (proceeds * (2 ** tipClass / 2)) / 10_000;
        uint256 surplus = proceeds - (fits / LOT) * hundredths * 10;
        assertEq(tip, named < surplus ? named : surplus, "tip");
        assertEq(market.claimOf(address(usd), FILLER), tip, "filler's claim");
        assertEq(book.getOrder(order).proceeds, proceeds - tip, "seller's proceeds");
    }

    /// A tip of one base unit is as good as any.
    function test_ATipOfOneUnitIsPaid() public {
        uint256 cheap = createService(defaultService());
        buy(ALICE, cheap, 10 * CREDIT);
        // A credit is worth a cent; the order wants nine tenths of it, and leaves a ten-thousandth.
        place(ALICE, cheap, tickOf(9_000, 18, 1), CREDIT);
        (, uint256 tip) = fill(cheap, type(uint256).max);
        assertEq(tip, 1, "tip");
        assertEq(market.claimOf(address(usd), FILLER), 1, "filler's claim");
    }

    function test_AFillerGetsNoLessThanItAskedForAndChoosesWhoGetsIt() public {
        place(ALICE, id, cents(200, 4), 1_000 * CREDIT);
        uint256 tip = (market.quoteSell(id, 1_000 * CREDIT) * 8) / 10_000;
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_TipBelowLimit.selector, tip, tip + 1));
        book.fill(id, type(uint256).max, 16, tip + 1, FILLER);
        vm.expectRevert(Errors.Market_ZeroRecipient.selector);
        book.fill(id, type(uint256).max, 16, tip, address(0));
        book.fill(id, type(uint256).max, 16, tip, BOB);
        assertEq(market.claimOf(address(usd), BOB), tip, "tip");
    }

    // ---- the market beside it ----

    /// The book never changes what a buy or sell costs, in money or in gas.
    function test_TheBookNeverChangesWhatABuyOrSellCosts() public {
        uint256 plain = createService(defaultService());
        buy(ALICE, plain, 500_000 * CREDIT);
        buy(BOB, plain, 100_000 * CREDIT);
        buy(CAROL, plain, 100_000 * CREDIT);
        uint256[] memory placed = new uint256[](60);
        for (uint256 i = 0; i < 60; ++i) placed[i] = place(ALICE, id, cents(150 + i * 10, i % 11), 100 * CREDIT);
        for (uint256 i = 0; i < 60; i += 3) cancel(placed[i]);
        compareTrades(plain);
        // A fill moves the market as the same sale by anyone else does.
        (uint256 credits, ) = fill(id, 1_234 * CREDIT);
        sell(ALICE, plain, credits);
        compareTrades(plain);
    }

    // ---- internals ----

    function compareTrades(uint256 plain) private {
        (uint256 cost, uint256 gasOfBuy, uint256 proceeds, uint256 gasOfSale) = trade(id);
        (uint256 plainCost, uint256 plainGasOfBuy, uint256 plainProceeds, uint256 plainGasOfSale) = trade(plain);
        assertEq(cost, plainCost, "cost");
        // But for this test's own memory, which grows.
        assertAtMost(gasOfBuy, plainGasOfBuy + 5, "gas of a purchase");
        assertEq(proceeds, plainProceeds, "proceeds");
        assertAtMost(gasOfSale, plainGasOfSale + 5, "gas of a sale");
    }

    function trade(
        uint256 serviceId
    ) private returns (uint256 cost, uint256 gasOfBuy, uint256 proceeds, uint256 gasOfSale) {
        // First touch of every slot, so that both are as warm.
        buy(CAROL, serviceId, 9 * CREDIT);
        sell(CAROL, serviceId, CREDIT);
        fund(CAROL, 1_000 * USD);
        vm.startPrank(CAROL);
        gasOfBuy = gasleft();
        cost = market.buy(serviceId, 77 * CREDIT, 1_000 * USD, CAROL, block.timestamp);
        gasOfBuy -= gasleft();
        gasOfSale = gasleft();
        proceeds = market.sell(serviceId, 75 * CREDIT, 0, CAROL, block.timestamp);
        gasOfSale -= gasleft();
        vm.stopPrank();
    }

    function curveService(uint256 seed) private returns (uint256) {
        ServiceParams memory params = defaultService();
        params.curve = CurveSamples.curve(seed);
        return createService(params);
    }

    /// @dev Of a price at the corners of the curve or between them, rounded down to the grid.
    function reachableTick(uint256 seed) private view returns (uint256) {
        (, , , CurvePoints memory curve) = market.listingOf(service);
        // The curve may end below the least price of the grid.
        vm.assume(curve.y3 >= 1e11);
        uint256 wanted = CurveSamples.pick(seed, 40, curve.y0, curve.y3);
        if (wanted < 1e11) wanted = 1e11;
        uint256 exponent = 8;
        while (wanted / 10 ** exponent > 9_999) ++exponent;
        uint256 mantissa = wanted / 10 ** exponent;
        return tickOf(mantissa, exponent, seed % 11);
    }

    function buyRich(address buyer, uint256 credits) private {
        usd.mint(buyer, type(uint128).max);
        vm.startPrank(buyer);
        usd.approve(address(market), type(uint256).max);
        market.buy(service, credits, type(uint256).max, buyer, block.timestamp);
        vm.stopPrank();
    }

    function checkPrice(uint256 orderId) private view {
        // What a lot is worth is a whole number, and sold are whole lots.
        assertAtMost((soldOf(orderId) / lot) * ((lot * priceWad) / 1e36), proceedsOf(orderId), "less than the price");
    }
}
