// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {HostileFixture} from "./HostileFixture.sol";
import {HookedMoney, IMoneyHooks} from "./HostileMoney.sol";

/// @title Makes prepared calls whenever its money moves, or credits arrive, and counts which ever succeeded.
contract Attacker is IMoneyHooks, ERC1155Holder {
    struct Call {
        address target;
        bytes data;
    }

    Call[] public calls;
    bool private _armed;
    uint256 public hooks;
    mapping(uint256 call => uint256) public successes;

    function prepare(address target, bytes calldata data) external {
        calls.push(Call(target, data));
    }

    function act(address target, bytes calldata data, bool armed) external returns (bool ok) {
        _armed = armed;
        (ok, ) = target.call(data);
        _armed = false;
    }

    function onMove() public {
        if (!_armed) return;
        ++hooks;
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, ) = calls[i].target.call(calls[i].data);
            if (ok) ++successes[i];
        }
    }

    function onERC1155Received(
        address operator,
        address from,
        uint256 id,
        uint256 value,
        bytes memory data
    ) public override returns (bytes4) {
        onMove();
        return super.onERC1155Received(operator, from, id, value, data);
    }
}

/// @title From inside a payment, whoever pays or is paid can do nothing twice and nothing to others.
contract ReentrancyTest is HostileFixture {
    /// @dev Calls that a guard or a rule must refuse; after them stand two that touch nobody else's money.
    uint256 private constant REFUSED = 8;
    address private constant ACCOMPLICE = address(0xACC);
    HookedMoney private token;
    uint256 private id;
    Attacker private attacker;
    SessionParams private live;
    Offer private offer;
    SessionOrder private order;

    function setUp() public {
        prepare();
        token = new HookedMoney();
        id = serviceIn(address(token));
        buyAs(payer, id, 5_000 * CREDIT);
        attacker = new Attacker();
        token.mint(address(attacker), MONEY);
        attacker.act(address(token), abi.encodeCall(IERC20.approve, (address(market), type(uint256).max)), false);
        address self = address(attacker);
        play(abi.encodeCall(market.buy, (id, 300 * CREDIT, type(uint256).max, self, block.timestamp)));
        play(abi.encodeCall(market.sell, (id, 50 * CREDIT, 0, self, block.timestamp)));
        live = openAs(self, id, 100 * CREDIT);
        offer = makeOffer(id, owner);
        order = sessionOrder(id, 10 * CREDIT, SESSION_KEY);
        order.maxCost *= 2;
        prepareTrades(self);
        prepareSessions(Payment(PaymentMethod.Allowance, self, ""));
        // Allowed, and harmless: its own claim, and a session that is paid as both sides signed.
        attacker.prepare(address(market), abi.encodeCall(market.transferClaim, (address(token), ACCOMPLICE, 1)));
        SessionState memory s = half(live, false);
        attacker.prepare(
            address(escrow),
            abi.encodeCall(escrow.collect, (live, s, signState(OPERATOR, s), signState(SESSION_KEY, s)))
        );
    }

    function prepareTrades(address self) private {
        BuyIntent memory intent = BuyIntent(id, 1, uint128(MONEY), self, uint64(block.timestamp), 0);
        Payment memory own = Payment(PaymentMethod.Allowance, self, "");
        bytes[5] memory trades = [
            abi.encodeCall(market.buy, (id, CREDIT, type(uint256).max, self, block.timestamp)),
            abi.encodeCall(market.buyWith, (intent, own)),
            abi.encodeCall(market.sell, (id, CREDIT, 0, self, block.timestamp)),
            abi.encodeCall(market.sellAndWithdraw, (id, CREDIT, 0, self, block.timestamp)),
            abi.encodeCall(market.withdraw, (address(token), self))
        ];
        for (uint256 i = 0; i < 5; ++i) attacker.prepare(address(market), trades[i]);
    }

    function prepareSessions(Payment memory own) private {
        Offer memory second = makeOffer(id, owner);
        bytes memory first = sign(OPERATOR, escrow.offerDigest(offer));
        bytes memory other = sign(OPERATOR, escrow.offerDigest(second));
        Offer memory third = makeOffer(id, owner);
        bytes memory last = sign(OPERATOR, escrow.offerDigest(third));
        bytes[3] memory sessions = [
            abi.encodeCall(escrow.buyAndOpen, (offer, first, order, own)),
            abi.encodeCall(escrow.buyAndOpen, (second, other, order, own)),
            abi.encodeCall(escrow.open, (third, last, uint128(CREDIT), order.sessionKey, 1, block.timestamp))
        ];
        for (uint256 i = 0; i < 3; ++i) attacker.prepare(address(escrow), sessions[i]);
    }

    function play(bytes memory data) private {
        assertTrue(attacker.act(address(market), data, false), "a prepared step failed");
    }

    /// @dev Tokens that the attacker and its accomplice have, in hand or as claims.
    function wealth() private view returns (uint256) {
        return
            token.balanceOf(address(attacker)) +
            claim(address(token), address(attacker)) +
            claim(address(token), ACCOMPLICE);
    }

    function attack(address target, bytes memory data, uint256 cost, uint256 gain) private {
        uint256 before = wealth();
        bool hasClaim = bytes4(data) != market.withdraw.selector;
        uint256 paidOut = claim(address(token), owner);
        assertTrue(attacker.act(target, data, true), "the outer call failed");
        assertTrue(attacker.hooks() != 0, "no hook was called");
        for (uint256 i = 0; i < REFUSED; ++i) assertEq(attacker.successes(i), 0, "a call from a hook succeeded");
        // Its own claim moves, unless it is the very one that is being paid out.
        assertTrue((attacker.successes(REFUSED) != 0) == hasClaim, "its own claim");
        assertEq(wealth(), before + gain - cost, "the attacker's wealth");
        assertEq(market.reserveOf(id), market.areaAt(id, market.supplyOf(id)), "reserve is not R(supply)");
        uint256 others = claim(address(token), owner) + claim(address(token), ACCOMPLICE);
        assertEq(
            token.balanceOf(address(market)),
            owed(id, address(token), [payer, address(attacker)]) + others,
            "the market's balance is not what it owes"
        );
        // What the provider collected from inside the hook is what the session's two sides had signed.
        assertAtMost(claim(address(token), owner) - paidOut, live.value / 2, "collected");
    }

    /// Outside of a payment each of the refused calls is a valid one.
    function test_WhatIsRefusedInsideAPaymentSucceedsOutside() public {
        for (uint256 i = 0; i < REFUSED + 2; ++i) {
            // The claim was paid out: it sells something for a new one.
            if (i == REFUSED) play(abi.encodeCall(market.sell, (id, CREDIT, 0, address(attacker), block.timestamp)));
            (address target, bytes memory data) = attacker.calls(i);
            assertTrue(attacker.act(target, data, false), "an invalid call was prepared");
        }
    }

    function test_NothingIsBoughtTwiceFromInsideAPurchase() public {
        (uint256 cost, , ) = market.quoteBuy(id, 10 * CREDIT);
        attack(
            address(market),
            abi.encodeCall(market.buy, (id, 10 * CREDIT, type(uint256).max, address(attacker), block.timestamp)),
            cost,
            0
        );
        assertEq(accessToken.balanceOf(address(attacker), id), 160 * CREDIT, "credits");
    }

    function test_NothingIsBoughtTwiceFromInsideABuyWith() public {
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, address(attacker));
        Payment memory own = Payment(PaymentMethod.Allowance, address(attacker), "");
        attack(address(market), abi.encodeCall(market.buyWith, (intent, own)), intent.maxCost, 0);
        assertEq(accessToken.balanceOf(address(attacker), id), 160 * CREDIT, "credits");
    }

    function test_NoSecondSessionOpensFromInsideAPaymentForOne() public {
        (uint256 cost, , ) = market.quoteBuy(id, order.credits);
        uint256 escrowed = claim(address(token), address(escrow));
        uint256 value = market.areaAt(id, market.supplyOf(id) + order.credits) - market.reserveOf(id);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        Payment memory own = Payment(PaymentMethod.Allowance, address(attacker), "");
        uint256 bonded = staking.getProvider(owner).bonded;
        attack(address(escrow), abi.encodeCall(escrow.buyAndOpen, (offer, signature, order, own)), cost, 0);
        uint256 collected = claim(address(token), owner);
        assertEq(claim(address(token), address(escrow)), escrowed + value - collected, "escrow's claim");
        assertEq(staking.getProvider(owner).bonded, bonded + 10e18, "bond");
        assertEq(accessToken.balanceOf(address(attacker), id), 150 * CREDIT, "credits");
    }

    function test_NothingIsPaidTwiceFromInsideAPaymentOut() public {
        attack(address(market), abi.encodeCall(market.withdraw, (address(token), address(attacker))), 0, 0);
        assertEq(claim(address(token), address(attacker)) + claim(address(token), ACCOMPLICE), 0, "claims");
    }

    function test_NothingIsSoldTwiceFromInsideAPaymentOut() public {
        uint256 proceeds = market.quoteSell(id, 10 * CREDIT);
        attack(
            address(market),
            abi.encodeCall(market.sellAndWithdraw, (id, 10 * CREDIT, 0, address(attacker), block.timestamp)),
            0,
            proceeds
        );
        assertEq(accessToken.balanceOf(address(attacker), id), 140 * CREDIT, "credits");
    }
}
