// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {LimitOrders} from "../LimitOrders.sol";
import {Errors} from "../libraries/Errors.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {BlocklistToken, HookToken, ITokenHook, MintableToken} from "./AdversarialTokens.sol";
import {OrderBookFixture} from "./OrderBookFixture.sol";
import {vm} from "./Vm.sol";

/// @title Owns an order and calls the book again whenever it is called: by the access token and by the payment token.
contract ReentrantSeller is ITokenHook, ERC1155Holder {
    LimitOrders private immutable _book;
    uint256 private immutable _tick;
    uint256 private _order;
    bool private _placeAgain;
    bool private _within;
    bytes4[] public refusals;
    uint256 public returned;
    uint256 public entered;

    constructor(LimitOrders book, uint256 tick) {
        _book = book;
        _tick = tick;
    }

    function place(uint256 serviceId, uint256 credits) external {
        _book.accessToken().safeTransferFrom(address(this), address(_book), serviceId, credits, abi.encode(_tick));
    }

    /// @param order what it will try to cancel and to claim from within; 0: nothing
    function arm(uint256 order, bool placeAgain) external {
        (_order, _placeAgain) = (order, placeAgain);
    }

    function cancel(uint256 order) external {
        returned = _book.cancel(order, address(this));
    }

    function withdraw(address token) external {
        _book.market().withdraw(token, address(this));
    }

    function onMove() external {
        enter();
    }

    function onERC1155Received(
        address operator,
        address from,
        uint256 id,
        uint256 value,
        bytes memory data
    ) public override returns (bytes4) {
        enter();
        if (_placeAgain) {
            _placeAgain = false;
            _book.accessToken().safeTransferFrom(address(this), address(_book), id, value, abi.encode(_tick));
        }
        return super.onERC1155Received(operator, from, id, value, data);
    }

    function enter() private {
        if (_order == 0 || _within) return;
        _within = true;
        ++entered;
        attempt(abi.encodeCall(LimitOrders.cancel, (_order, address(this))));
        attempt(abi.encodeCall(LimitOrders.claim, (_order)));
        attempt(abi.encodeCall(LimitOrders.fill, (_order >> 64, type(uint256).max, 9, 0, address(this))));
        _within = false;
    }

    function attempt(bytes memory call) private {
        (bool ok, bytes memory reason) = address(_book).call(call);
        refusals.push(ok ? bytes4(0) : bytes4(reason));
    }
}

/// @title People and tokens that try to take from the book what isn't theirs, or to stall it.
contract LimitOrderAdversariesTest is OrderBookFixture {
    function setUp() public {
        deployBook();
    }

    /// The callback in which cancelled credits arrive cancels, claims and fills in vain, and finds nothing half done.
    function test_ACancelCannotBeEnteredAgainForMore() public {
        uint256 id = createService(defaultService());
        buy(BOB, id, 500_000 * CREDIT);
        (ReentrantSeller seller, uint256 order) = reentrantOrder(id, 100 * CREDIT);
        fill(id, 40 * CREDIT);
        book.claim(order);
        uint256 other = place(BOB, id, cents(300, 5), 10 * CREDIT);
        seller.arm(order, false);
        seller.cancel(order);
        assertEq(seller.returned(), 60 * CREDIT, "returned");
        assertEq(accessToken.balanceOf(address(seller), id), 60 * CREDIT, "received");
        assertEq(seller.entered(), 1, "entered");
        assertTrue(seller.refusals(0) == Errors.LimitOrders_UnknownOrder.selector, "cancelled twice");
        assertTrue(seller.refusals(1) == Errors.LimitOrders_UnknownOrder.selector, "claimed");
        // From within, the book is whole: the fill sells what waits, the other's order, for its owner.
        assertTrue(seller.refusals(2) == bytes4(0), "fill");
        assertEq(soldOf(other), 10 * CREDIT, "the other's order");
        assertEq(accessToken.balanceOf(address(book), id), 0, "the book's credits");
    }

    /// An owner may place the next order from within the callback of the last: it is as good as any.
    function test_CreditsMayBePlacedAgainFromWithinTheirReturn() public {
        uint256 id = createService(defaultService());
        buy(BOB, id, 500_000 * CREDIT);
        (ReentrantSeller seller, uint256 order) = reentrantOrder(id, 100 * CREDIT);
        uint256 behind = place(BOB, id, cents(200, 5), 100 * CREDIT);
        seller.arm(0, true);
        seller.cancel(order);
        assertEq(accessToken.balanceOf(address(book), id), 200 * CREDIT, "the book's credits");
        fill(id, 150 * CREDIT);
        assertEq(waitingOf(behind), 0, "it lost its turn");
        assertEq(soldOf(order + 2), 50 * CREDIT, "the new order's part");
    }

    /// A payment token that calls back can't be paid twice: sales are guarded, the rest of the book is whole while it calls.
    function test_AHostilePaymentTokenGainsNothing() public {
        HookToken token = new HookToken();
        uint256 id = serviceIn(token);
        (ReentrantSeller seller, uint256 order) = reentrantOrder(id, 100 * CREDIT);
        fill(id, 40 * CREDIT);
        (, uint256 proceeds) = book.claim(order);
        seller.arm(order, false);
        seller.withdraw(address(token));
        assertEq(seller.entered(), 1, "entered");
        assertEq(token.balanceOf(address(seller)), proceeds, "paid");
        assertTrue(seller.refusals(0) == bytes4(0), "its own order may be cancelled");
        assertTrue(seller.refusals(1) == Errors.LimitOrders_UnknownOrder.selector, "claimed");
        assertTrue(seller.refusals(2) == Errors.LimitOrders_NothingToFill.selector, "filled");
        assertEq(accessToken.balanceOf(address(seller), id), 60 * CREDIT, "received");

        uint256 other = place(BOB, id, cents(200, 5), 10 * CREDIT);
        seller.place(id, 60 * CREDIT);
        counted(id, cents(200, 5));
        fill(id, type(uint256).max);
        book.claim(other + 1);
        place(BOB, id, cents(200, 5), 10 * CREDIT);
        seller.withdraw(address(token));
        uint256 last = seller.entered() * 3 - 1;
        assertTrue(seller.refusals(last) == ReentrancyGuard.ReentrancyGuardReentrantCall.selector, "sold from within");
    }

    /// A seller, a filler or the book that a token blocks stalls nobody: money moves inside the market's ledger alone.
    function test_ABlockedSellerStallsNobody() public {
        BlocklistToken token = new BlocklistToken();
        uint256 id = serviceIn(token);
        vm.prank(BOB);
        accessToken.safeTransferFrom(BOB, ALICE, id, 100 * CREDIT, "");
        uint256 first = place(ALICE, id, cents(200, 5), 100 * CREDIT);
        uint256 second = place(BOB, id, cents(200, 5), 100 * CREDIT);
        token.block_(ALICE);
        token.block_(FILLER);
        token.block_(address(book));
        (uint256 credits, uint256 tip) = fill(id, type(uint256).max);
        assertEq(credits, 200 * CREDIT, "filled");
        assertTrue(tip != 0, "tip");
        book.claim(first);
        (, uint256 proceeds) = book.claim(second);
        vm.prank(BOB);
        assertEq(market.withdraw(address(token), BOB), proceeds, "withdrawn");
        assertTrue(market.claimOf(address(token), ALICE) != 0, "the blocked seller's claim");
    }

    /// Pressing the price down to an order's just before filling it, and buying back, never takes the seller below their price;
    /// with fees as usual it costs whoever does it.
    function test_PressingThePriceBeforeAFillNeverGoesBelowTheSellersPrice() public {
        uint256 id = createService(defaultService());
        buy(BOB, id, 200_000 * CREDIT);
        buy(CAROL, id, 500_000 * CREDIT);
        uint256 order = place(BOB, id, cents(300, 10), 1_000 * CREDIT);
        uint256 fair = market.quoteSell(id, 1_000 * CREDIT);
        // Carol sells down to just what the order needs, fills it at its lowest, and buys back.
        uint256 down = market.supplyOf(id) - market.supplyAtPrice(id, 0.03e6 * 1e18) - 1_000 * CREDIT;
        uint256 got = sell(CAROL, id, down);
        (uint256 credits, uint256 tip) = fill(id, type(uint256).max);
        assertEq(credits, 1_000 * CREDIT, "filled");
        assertAtMost(1_000 * 0.03e6, proceedsOf(order), "less than the price");
        assertAtMost(proceedsOf(order), fair, "pressing the price paid the seller more");
        assertAtMost(got + tip, buy(CAROL, id, down), "pressing the price was free");
    }

    // ---- internals ----

    function serviceIn(MintableToken token) private returns (uint256 id) {
        ServiceParams memory params = defaultService();
        params.paymentToken = address(token);
        id = createService(params);
        token.mint(BOB, 1e12);
        vm.startPrank(BOB);
        token.approve(address(market), type(uint256).max);
        market.buy(id, 500_000 * CREDIT, type(uint256).max, BOB, block.timestamp);
        vm.stopPrank();
    }

    function reentrantOrder(uint256 id, uint256 credits) private returns (ReentrantSeller seller, uint256 order) {
        seller = new ReentrantSeller(book, cents(200, 5));
        vm.prank(BOB);
        accessToken.safeTransferFrom(BOB, address(seller), id, credits, "");
        order = ((id << 32) | cents(200, 5)) << 32;
        seller.place(id, credits);
        counted(id, cents(200, 5));
    }
}
