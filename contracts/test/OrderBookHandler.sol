// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {OrderView} from "../types/OrderTypes.sol";
import {OrderBookFixture} from "./OrderBookFixture.sol";
import {vm} from "./Vm.sol";

/// @title Plays sellers, fillers and other traders at random, with valid input only, beside a plain list of the orders.
contract OrderBookHandler is OrderBookFixture {
    struct Listed {
        uint256 id;
        uint256 waiting;
        uint256 sold;
    }

    uint256 public constant SERVICES = 2;
    uint256 public constant PEOPLE = 3;
    uint256 private constant ORDERS = 24;

    address[PEOPLE] public people = [ALICE, BOB, CAROL];
    Listed[] private _listed;
    uint256 private _tips;
    uint256 private _proceeds;
    uint256 private _claimed;
    uint256 public fills;

    constructor() {
        deployBook();
        ServiceParams memory params = defaultService();
        createService(params);
        // Steep from nothing, in money of eighteen decimals.
        params.curve = CurvePoints(1e20, 2e20, 1e23, 0, 1e34, 1e36, uint128(5e37));
        createService(params);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            buy(people[i], 1, 100_000 * CREDIT);
            buy(people[i], 2, 10_000 * CREDIT);
        }
    }

    // ---- trade ----

    function buyCredits(uint256 person, uint256 service, uint256 credits) external {
        service = 1 + (service % SERVICES);
        buy(anyone(person), service, bound(credits, 1, market.supplyOf(service) / 4 + 1));
    }

    function sellCredits(uint256 person, uint256 service, uint256 credits) external {
        (address seller, uint256 id) = (anyone(person), 1 + (service % SERVICES));
        uint256 held = accessToken.balanceOf(seller, id);
        if (held != 0) sell(seller, id, bound(credits, 1, held));
    }

    // ---- orders ----

    function placeAny(uint256 person, uint256 service, uint256 where, uint256 credits) external {
        if (_listed.length >= ORDERS) return;
        (address owner, uint256 id) = (anyone(person), 1 + (service % SERVICES));
        // Few ticks, so that lines form: three prices around the market's, two tips.
        uint256 tick =
            id == 1
                ? cents([uint256(150), 300, 600][where % 3], [uint256(0), 5][(where >> 8) % 2])
                : tickOf([uint256(1_000), 2_345, 9_999][where % 3], 33, [uint256(2), 10][(where >> 8) % 2]);
        (, , uint256 lot) = book.tickInfo(tick);
        uint256 held = accessToken.balanceOf(owner, id);
        if (held < CREDIT) return;
        credits = bound(credits, CREDIT, held < 5_000 * CREDIT ? held : 5_000 * CREDIT);
        credits -= credits % lot;
        _listed.push(Listed(place(owner, id, tick, credits), credits, 0));
    }

    function cancelAny(uint256 which) external {
        if (_listed.length == 0) return;
        Listed storage listed = _listed[which % _listed.length];
        if (listed.waiting == 0) return;
        address owner = book.getOrder(listed.id).owner;
        uint256 held = accessToken.balanceOf(owner, listed.id >> 64);
        assertEq(cancel(listed.id), listed.waiting, "cancelled");
        assertEq(accessToken.balanceOf(owner, listed.id >> 64), held + listed.waiting, "returned");
        listed.waiting = 0;
        drop(which % _listed.length);
    }

    function claimAny(uint256 which) external {
        if (_listed.length == 0) return;
        Listed storage listed = _listed[which % _listed.length];
        if (listed.sold == 0) return;
        (uint256 credits, uint256 proceeds) = book.claim(listed.id);
        assertEq(credits, listed.sold, "claimed credits");
        _claimed += proceeds;
        listed.sold = 0;
        drop(which % _listed.length);
    }

    function fillAny(uint256 service, uint256 maxCredits, uint256 maxRuns) external {
        uint256 id = 1 + (service % SERVICES);
        (bool found, uint256 tick, ) = book.turn(id);
        if (!found) return;
        (uint256 priceWad, , uint256 lot) = book.tickInfo(tick);
        uint256 supply = market.supplyOf(id);
        if (supply < market.supplyAtPrice(id, priceWad) + lot) return;
        maxCredits = bound(maxCredits, lot, supply);
        uint256 reserve = market.reserveOf(id);
        vm.prank(FILLER);
        (uint256 credits, uint256 tip) = book.fill(id, maxCredits, 1 + (maxRuns % 8), 0, FILLER);
        assertAtMost(credits, maxCredits, "more than was asked for");
        _tips += tip;
        _proceeds += reserve - market.reserveOf(id);
        takeInTurn(id, credits);
        ++fills;
    }

    // ---- what must hold ----

    /// Every order has sold what a plain list, walked in turn, would have sold of it, for no less than its price.
    function checkOrders() external view {
        uint256[SERVICES + 1] memory waiting;
        uint256 unclaimed;
        for (uint256 i = 0; i < _listed.length; ++i) {
            OrderView memory order = book.getOrder(_listed[i].id);
            assertEq(order.waiting, _listed[i].waiting, "waiting");
            assertEq(order.sold, _listed[i].sold, "sold");
            (uint256 priceWad, , uint256 lot) = book.tickInfo(order.tick);
            assertAtMost((order.sold / lot) * ((lot * priceWad) / 1e36), order.proceeds, "less than the price");
            waiting[order.serviceId] += order.waiting;
            unclaimed += order.proceeds;
        }
        for (uint256 id = 1; id <= SERVICES; ++id) {
            assertEq(accessToken.balanceOf(address(book), id), waiting[id], "the book's credits");
            (bool found, , ) = book.turn(id);
            assertTrue(found == (waiting[id] != 0), "turn");
            assertEq(market.reserveOf(id), market.areaAt(id, market.supplyOf(id)), "reserve is not R(supply)");
        }
        assertEq(market.claimOf(address(usd), address(book)), unclaimed, "the book's money");
        assertEq(_claimed + unclaimed + _tips, _proceeds, "proceeds are not what sellers and fillers got");
        assertEq(market.claimOf(address(usd), FILLER), _tips, "tips");
    }

    // ---- internals ----

    function takeInTurn(uint256 service, uint256 credits) private {
        while (credits != 0) {
            uint256 next = type(uint256).max;
            for (uint256 i = 0; i < _listed.length; ++i) {
                if (_listed[i].id >> 64 != service || _listed[i].waiting == 0) continue;
                if (next == type(uint256).max || _listed[i].id < _listed[next].id) next = i;
            }
            uint256 part = _listed[next].waiting < credits ? _listed[next].waiting : credits;
            _listed[next].waiting -= part;
            _listed[next].sold += part;
            credits -= part;
        }
    }

    function drop(uint256 i) private {
        if (_listed[i].waiting + _listed[i].sold != 0) return;
        assertEq(waitingOf(_listed[i].id) + soldOf(_listed[i].id), 0, "an order outlives itself");
        _listed[i] = _listed[_listed.length - 1];
        _listed.pop();
    }

    function anyone(uint256 seed) private view returns (address) {
        return people[seed % PEOPLE];
    }
}
