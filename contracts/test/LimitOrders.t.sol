// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ILimitOrders} from "../interfaces/ILimitOrders.sol";
import {Errors} from "../libraries/Errors.sol";
import {OrderView} from "../types/OrderTypes.sol";
import {OrderBookFixture} from "./OrderBookFixture.sol";
import {vm} from "./Vm.sol";

contract LimitOrdersTest is OrderBookFixture {
    uint256 private id;

    function setUp() public {
        deployBook();
        id = createService(defaultService());
        buy(ALICE, id, 500_000 * CREDIT);
        buy(BOB, id, 100_000 * CREDIT);
        buy(CAROL, id, 100_000 * CREDIT);
    }

    // ---- turns ----

    /// Nobody can fill out of turn: lower price first, then higher tip, then earlier; whoever fills, in whatever amounts.
    function testFuzz_NobodyCanFillOutOfTurn(uint256[5] calldata amounts) public {
        uint256[6] memory orders;
        orders[4] = place(ALICE, id, cents(210, 3), 1_000 * CREDIT);
        orders[2] = place(BOB, id, cents(200, 3), 1_000 * CREDIT);
        orders[3] = place(CAROL, id, cents(200, 3), 1_000 * CREDIT);
        orders[1] = place(CAROL, id, cents(200, 5), 1_000 * CREDIT);
        orders[0] = place(ALICE, id, cents(190, 0), 1_000 * CREDIT);
        orders[5] = place(BOB, id, cents(900, 10), 1_000 * CREDIT);
        uint256 filled;
        for (uint256 i = 0; i < amounts.length; ++i) {
            (bool found, uint256 tick, ) = book.turn(id);
            assertTrue(found, "nobody's turn");
            (uint256 priceWad, , ) = book.tickInfo(tick);
            if (priceWad > market.price(id)) break;
            (uint256 credits, ) = fill(id, bound(amounts[i], LOT, 3_000 * CREDIT));
            filled += credits;
            uint256 left = filled;
            for (uint256 k = 0; k < orders.length; ++k) {
                uint256 part = left < 1_000 * CREDIT ? left : 1_000 * CREDIT;
                assertEq(book.getOrder(orders[k]).sold, part, "another order's turn was taken");
                left -= part;
            }
        }
    }

    /// An order whose price is above the market's waits, and so does everyone behind it; buyers bring its turn.
    function test_AnOrderWaitsForItsPriceAndNobodyPassesIt() public {
        uint256 order = place(ALICE, id, cents(1_000, 5), 100 * CREDIT);
        uint256 behind = place(BOB, id, cents(1_000, 4), 100 * CREDIT);
        uint256 before = market.supplyAtPrice(id, 0.1e6 * 1e18) - market.supplyOf(id);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToFill.selector, id));
        // Whatever the caller allows, it ends where nobody can be served.
        book.fill(id, type(uint256).max, type(uint256).max, 0, FILLER);
        buy(CAROL, id, before + 150 * CREDIT);
        (uint256 credits, ) = fill(id, type(uint256).max);
        assertEq(credits, 150 * CREDIT, "what fits above the price");
        assertEq(waitingOf(order), 0, "first");
        assertEq(waitingOf(behind), 50 * CREDIT, "second");
    }

    // ---- cancelling ----

    /// Cancel returns exactly the unfilled credits, and what was filled stays to be claimed.
    function testFuzz_CancelReturnsExactlyTheUnfilledCredits(uint256 filled, uint256 extra, bool claimBefore) public {
        uint256 order = place(ALICE, id, cents(200, 5), 1_000 * CREDIT);
        uint256 behind = place(BOB, id, cents(200, 5), 300 * CREDIT);
        filled = bound(filled, 0, 999 * CREDIT + 9 * LOT);
        if (filled >= LOT) fill(id, filled);
        filled = (filled / LOT) * LOT;
        uint256 proceeds = book.getOrder(order).proceeds;
        uint256 claimed;
        if (claimBefore && filled != 0) (, claimed) = book.claim(order);
        uint256 held = accessToken.balanceOf(ALICE, id);
        assertEq(cancel(order), 1_000 * CREDIT - filled, "returned");
        assertEq(accessToken.balanceOf(ALICE, id), held + 1_000 * CREDIT - filled, "received");
        // The next in line moves up.
        extra = (bound(extra, LOT, 300 * CREDIT) / LOT) * LOT;
        fill(id, extra);
        assertEq(waitingOf(behind), 300 * CREDIT - extra, "the next in line");
        if (filled != 0 && !claimBefore) (, claimed) = book.claim(order);
        assertEq(claimed, proceeds, "proceeds");
        assertEq(market.claimOf(address(usd), ALICE), proceeds, "claim");
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_UnknownOrder.selector, order));
        book.getOrder(order);
    }

    /// Running in front of a cancel gains nothing: what a fill takes first is paid, the rest comes back, nothing is lost.
    function test_AFillInFrontOfACancelPaysAndLeavesTheRest() public {
        uint256 order = place(ALICE, id, cents(200, 5), 1_000 * CREDIT);
        fill(id, 400 * CREDIT);
        assertEq(cancel(order), 600 * CREDIT, "the rest");
        assertAtMost(400 * 0.02e6, proceedsOf(order), "less than the price");

        order = place(ALICE, id, cents(200, 5), 1_000 * CREDIT);
        fill(id, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToCancel.selector, order));
        vm.prank(ALICE);
        book.cancel(order, ALICE);
        (uint256 credits, ) = book.claim(order);
        assertEq(credits, 1_000 * CREDIT, "all sold");
    }

    function test_ACancelCanSendElsewhereWhenTheOwnerTakesNoCredits() public {
        uint256 order = place(ALICE, id, cents(200, 5), 10 * CREDIT);
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(market)));
        vm.prank(ALICE);
        book.cancel(order, address(market));
        vm.prank(ALICE);
        assertEq(book.cancel(order, BOB), 10 * CREDIT, "returned");
        assertEq(accessToken.balanceOf(BOB, id), 100_010 * CREDIT, "received");
    }

    // ---- claims ----

    /// Whoever calls, the owner gets the proceeds, once.
    function test_AClaimGoesToTheOwnerOnceWhoeverCalls() public {
        uint256 order = place(ALICE, id, cents(200, 5), 1_000 * CREDIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToClaim.selector, order));
        book.claim(order);
        fill(id, 400 * CREDIT);
        OrderView memory before = book.getOrder(order);
        assertEq(before.sold, 400 * CREDIT, "sold");
        vm.prank(BOB);
        (, uint256 proceeds) = book.claim(order);
        assertEq(market.claimOf(address(usd), ALICE), proceeds, "claim");
        assertEq(before.proceeds, proceeds, "what the view had promised");
        assertEq(book.getOrder(order).sold, 0, "sold and not claimed");
        assertEq(waitingOf(order), 600 * CREDIT, "the rest waits");
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToClaim.selector, order));
        book.claim(order);
        fill(id, type(uint256).max);
        book.claim(order);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_UnknownOrder.selector, order));
        book.claim(order);
        assertEq(market.claimOf(address(usd), address(book)), 0, "the book kept something");
    }

    // ---- bad input ----

    function test_BadOrdersAreRefusedWithTheirValues() public {
        bytes4 bad = Errors.LimitOrders_BadTick.selector;
        refuse(CREDIT, tickOf(1_000, 36, 0), abi.encodeWithSelector(bad, tickOf(1_000, 36, 0)));
        refuse(CREDIT, 0, abi.encodeWithSelector(bad, 0));
        refuse(CREDIT, type(uint256).max, abi.encodeWithSelector(bad, type(uint256).max));
        refuse(CREDIT, cents(200, 11), abi.encodeWithSelector(bad, cents(200, 11)));
        bytes4 notLots = Errors.LimitOrders_NotWholeLots.selector;
        refuse(CREDIT + 1, cents(200, 0), abi.encodeWithSelector(notLots, CREDIT + 1, LOT));
        bytes4 small = Errors.LimitOrders_TooSmall.selector;
        refuse(CREDIT - LOT, cents(200, 0), abi.encodeWithSelector(small, CREDIT - LOT, CREDIT));
        refuse(0, tickOf(1_000, 10, 0), abi.encodeWithSelector(small, 0, 1e26));
        // One step above the curve's highest price, where the curve never gets.
        uint256 tick = cents(1_000, 0) + 16;
        (uint256 priceWad, , ) = book.tickInfo(tick);
        refuse(CREDIT, tick, abi.encodeWithSelector(Errors.Curve_PriceNeverReached.selector, priceWad, 0.1e6 * 1e18));
        place(ALICE, id, cents(1_000, 0), CREDIT);

        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_BadData.selector, 0));
        vm.prank(ALICE);
        accessToken.safeTransferFrom(ALICE, address(book), id, CREDIT, "");
        // One transfer, one order: a batch is refused as any transfer to a contract that doesn't take it.
        (uint256[] memory ids, uint256[] memory amounts) = (new uint256[](1), new uint256[](1));
        (ids[0], amounts[0]) = (id, CREDIT);
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(book)));
        vm.prank(ALICE);
        accessToken.safeBatchTransferFrom(ALICE, address(book), ids, amounts, abi.encode(cents(200, 0)));
        // Credits that were bought for the book would be nobody's.
        fund(ALICE, USD);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_BadData.selector, 0));
        vm.prank(ALICE);
        market.buy(id, CREDIT, USD, address(book), block.timestamp);
        assertEq(accessToken.balanceOf(address(book), id), CREDIT, "the book took more than the one order");
        vm.expectRevert(abi.encodeWithSelector(bad, cents(200, 11)));
        book.tickInfo(cents(200, 11));
    }

    function test_OnlyTheAccessTokenPlacesAndOnlyTheOwnerCancels() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_Forbidden.selector, ALICE));
        vm.prank(ALICE);
        book.onERC1155Received(ALICE, ALICE, id, CREDIT, abi.encode(cents(200, 0)));
        uint256 order = place(ALICE, id, cents(200, 0), CREDIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_Forbidden.selector, BOB));
        vm.prank(BOB);
        book.cancel(order, BOB);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_UnknownOrder.selector, order + 1));
        vm.prank(ALICE);
        book.cancel(order + 1, ALICE);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_UnknownOrder.selector, order + 1));
        book.claim(order + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToFill.selector, id + 1));
        book.fill(id + 1, type(uint256).max, 1, 0, FILLER);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToFill.selector, id));
        book.fill(id, LOT - 1, 1, 0, FILLER);
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToFill.selector, id));
        book.fill(id, LOT, 0, 0, FILLER);
    }

    // ---- internals ----

    function refuse(uint256 credits, uint256 tick, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(ALICE);
        accessToken.safeTransferFrom(ALICE, address(book), id, credits, abi.encode(tick));
    }

    function test_AnEmptyBookIsNobodysTurn() public {
        for (uint256 i = 0; i < 2; ++i) {
            (bool found, uint256 tick, uint256 waiting) = book.turn(id);
            assertTrue(!found && tick == 0 && waiting == 0, "a turn");
            cancel(place(ALICE, id, cents(200, 3), 10 * CREDIT));
        }
    }

    /// Who placed by a plain transfer learns the order's id from the event alone.
    function test_AnOrderIsAnnouncedUnderTheIdByWhichItIsFound() public {
        uint256 tick = cents(200, 3);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 orderId = (id << 64) | (tick << 32) | i;
            vm.expectEmit(address(book));
            emit ILimitOrders.OrderPlaced(orderId, id, ALICE, tick, (10 + i) * CREDIT);
            vm.prank(ALICE);
            accessToken.safeTransferFrom(ALICE, address(book), id, (10 + i) * CREDIT, abi.encode(tick));
            assertEq(book.getOrder(orderId).waiting, (10 + i) * CREDIT, "found");
        }
    }
}
