// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Errors} from "../libraries/Errors.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {CurvePoints} from "../types/ServiceTypes.sol";
import {Offer, SessionParams} from "../types/SessionTypes.sol";
import {
    DecimalsMoney,
    FalseMoney,
    LyingMoney,
    PhantomMoney,
    ShrinkingMoney,
    TollMoney,
    UsdtMoney,
    VanishingMoney
} from "./HostileMoney.sol";
import {HostileFixture} from "./HostileFixture.sol";
import {vm} from "./Vm.sol";

/// @title Payment tokens as adversaries: each can spoil only what is priced in itself.
contract HostileMoneyTest is HostileFixture {
    function setUp() public {
        prepare();
    }

    // ---- decimals and dust ----

    function test_TokensOfSixToEighteenDecimalsAreExactToTheUnit() public {
        for (uint8 decimals = 6; decimals <= 18; ++decimals) {
            DecimalsMoney token = new DecimalsMoney(decimals);
            CurvePoints memory curve = defaultCurve();
            uint128 scale = uint128(10 ** (decimals - 6));
            (curve.y0, curve.y1) = (curve.y0 * scale, curve.y1 * scale);
            (curve.y2, curve.y3) = (curve.y2 * scale, curve.y3 * scale);
            uint256 id = serviceIn(address(token), curve);
            token.mint(payer, type(uint128).max);
            vm.prank(payer);
            token.approve(address(market), type(uint256).max);
            uint256 spent = buyAs(payer, id, 123_456_789_012_345_678_901);
            SessionParams memory params = openAs(payer, id, 23_456_789_012_345_678_901);
            close(params);
            vm.startPrank(payer);
            uint256 got = market.sellAndWithdraw(id, 100 * CREDIT, 1, payer, block.timestamp);
            got += market.withdraw(address(token), payer);
            vm.stopPrank();
            assertEq(token.balanceOf(payer), type(uint128).max - spent + got, "payer");
            assertEq(market.reserveOf(id), 0, "reserve");
            assertEq(
                token.balanceOf(address(market)),
                claim(address(token), owner) + claim(address(token), treasury) + claim(address(token), publisher),
                "market"
            );
            assertEq(
                claim(address(token), owner),
                (uint256(params.value) * (params.credits / 2)) / params.credits,
                "provider"
            );
        }
    }

    /// Down to one unit and to none, every method pays exactly what is due, and a session of one unit settles.
    function test_DustIsPaidAndSettledToTheUnit() public {
        DecimalsMoney token = new DecimalsMoney(6);
        // One unit a credit, so that half a credit is dust.
        uint128 one = 1e18;
        uint256 id = serviceIn(address(token), CurvePoints(1e18, 2e18, 3e18, one, one, one, one));
        token.mint(payer, 1_000);
        allow(address(token), PAYER_KEY, PaymentMethod.Permit2, type(uint256).max);
        allow(address(token), PAYER_KEY, PaymentMethod.Allowance, type(uint256).max);
        for (uint256 i = 0; i < 4; ++i) {
            PaymentMethod method = PaymentMethod(i);
            BuyIntent memory intent = buyIntent(id, CREDIT / 2, payer);
            uint256 before = token.balanceOf(payer);
            Payment memory paid = payFor(intent, method, PAYER_KEY);
            vm.prank(payer);
            uint256 cost = market.buyWith(intent, paid);
            assertEq(token.balanceOf(payer), before - cost, "cost of dust");
            assertEq(market.reserveOf(id), market.areaAt(id, market.supplyOf(id)), "reserve");
        }
        assertEq(market.supplyOf(id), 2 * CREDIT, "supply");
        allow(address(token), PAYER_KEY, PaymentMethod.Allowance, type(uint256).max);
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, CREDIT, SESSION_KEY);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.prank(payer);
        escrow.buyAndOpen(offer, signature, order, Payment(PaymentMethod.Allowance, payer, ""));
        SessionParams memory params = expectedParams(payer, offer, OPERATOR, order.credits, SESSION_KEY);
        assertEq(params.value, 1, "value");
        close(params);
        // Half of one unit: the buyer's, since payouts round down.
        assertEq(claim(address(token), payer), 1, "refund");
        assertEq(token.balanceOf(address(market)), owed(id, address(token), [payer, owner]), "market's balance");
    }

    // ---- tokens that move something else than they are told ----

    function test_ATokenThatTakesAFeeIsRefusedByEveryMethod() public {
        TollMoney token = new TollMoney();
        uint256 id = serviceIn(address(token));
        for (uint256 i = 0; i < 4; ++i) {
            refusesInexact(id, PaymentMethod(i), address(token), 1);
        }
        assertEq(token.balanceOf(payer), MONEY, "money moved");
        assertEq(market.supplyOf(id), 0, "credits were sold");
    }

    function test_ATokenWhoseBalanceShrinksWhileItIsPaidIsRefused() public {
        VanishingMoney token = new VanishingMoney();
        uint256 id = serviceIn(address(token));
        token.mint(address(market), 1_000 * USD);
        for (uint256 i = 0; i < 4; ++i) {
            refusesInexact(id, PaymentMethod(i), address(token), 0);
        }
        assertEq(token.balanceOf(payer), MONEY, "money moved");
    }

    /// @dev `fee` 1: 1% and one unit are missing; 0: nothing arrived.
    function refusesInexact(uint256 id, PaymentMethod method, address token, uint256 fee) private {
        BuyIntent memory intent = buyIntent(id, CREDIT, payer);
        uint256 cost = intent.maxCost;
        bytes memory reason = abi.encodeWithSelector(
            Errors.Market_InexactPayment.selector,
            token,
            cost,
            fee == 0 ? 0 : cost - cost / 100 - 1
        );
        Payment memory paid = payFor(intent, method, PAYER_KEY);
        vm.expectRevert(reason);
        vm.prank(payer);
        market.buyWith(intent, paid);
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, CREDIT, SESSION_KEY);
        paid = payFor(offer, order, method, PAYER_KEY);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.expectRevert(reason);
        vm.prank(payer);
        escrow.buyAndOpen(offer, signature, order, paid);
    }

    /// A token that shrinks breaks the backing of its own services, where the last to withdraw goes empty-handed; selling,
    /// closing and settling go on there, and no unit of another token fills the gap.
    function test_ATokenThatRebasesDownHurtsItsOwnServicesOnly() public {
        ShrinkingMoney token = new ShrinkingMoney();
        uint256 id = serviceIn(address(token));
        buyAs(payer, id, 1_000 * CREDIT);
        SessionParams memory params = openAs(payer, id, 500 * CREDIT);
        token.shrink(address(market), token.balanceOf(address(market)) / 2);

        close(params);
        vm.startPrank(payer);
        uint256 proceeds = market.sell(id, 500 * CREDIT, 1, payer, block.timestamp);
        assertEq(claim(address(token), payer), proceeds + params.value - params.value / 2, "claims are kept");
        uint256 left = token.balanceOf(address(market));
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                address(market),
                left,
                claim(address(token), payer)
            )
        );
        market.withdraw(address(token), payer);
        vm.stopPrank();
        vm.prank(owner);
        assertEq(market.withdraw(address(token), owner), params.value / 2, "whoever comes first is paid");
        assertHonestServiceIsWhole();
    }

    // ---- tokens that return nothing, or false ----

    function test_ATokenWithTheHabitsOfUsdtPaysByAllowanceAndByPermit2() public {
        UsdtMoney token = new UsdtMoney();
        uint256 id = serviceIn(address(token));
        for (uint256 i = 0; i < 2; ++i) {
            PaymentMethod method = i == 0 ? PaymentMethod.Allowance : PaymentMethod.Permit2;
            BuyIntent memory intent = buyIntent(id, 100 * CREDIT, payer);
            Payment memory paid = payFor(intent, method, PAYER_KEY);
            vm.prank(payer);
            market.buyWith(intent, paid);
            Offer memory offer = makeOffer(id, owner);
            SessionOrder memory order = sessionOrder(id, 100 * CREDIT, SESSION_KEY);
            paid = payFor(offer, order, method, PAYER_KEY);
            bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
            vm.prank(payer);
            escrow.buyAndOpen(offer, signature, order, paid);
        }
        // The market needs no fresh approval while one is left over: it never meets the race that the token guards against.
        vm.prank(payer);
        vm.expectPartialRevert(UsdtMoney.AllowanceNotZero.selector);
        token.approve(address(market), 1);
        buyAs(payer, id, CREDIT);
        vm.prank(payer);
        market.sellAndWithdraw(id, 201 * CREDIT, 1, payer, block.timestamp);
        assertEq(token.balanceOf(address(market)), owed(id, address(token), [payer, owner]), "market's balance");
    }

    function test_ATokenThatSaysFalseSellsNothingAndLosesNoClaim() public {
        FalseMoney token = new FalseMoney();
        uint256 id = serviceIn(address(token));
        buyAs(payer, id, 100 * CREDIT);
        token.fail(true);
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token));
        vm.startPrank(payer);
        vm.expectRevert(failed);
        market.buy(id, CREDIT, type(uint256).max, payer, block.timestamp);
        vm.expectRevert(failed);
        market.sellAndWithdraw(id, 100 * CREDIT, 1, payer, block.timestamp);
        uint256 proceeds = market.sell(id, 100 * CREDIT, 1, payer, block.timestamp);
        vm.expectRevert(failed);
        market.withdraw(address(token), payer);
        assertEq(claim(address(token), payer), proceeds, "claim");
        token.fail(false);
        market.withdraw(address(token), payer);
        vm.stopPrank();
    }

    // ---- tokens that lie ----

    /// Whoever lists a token that lies gets credits and claims in lies, and not one unit of anything else.
    function test_ATokenThatLiesAboutBalancesCheatsItsOwnServicesOnly() public {
        LyingMoney token = new LyingMoney();
        uint256 id = serviceIn(address(token), defaultCurve());
        uint256 cost = buyAs(payer, id, 500_000 * CREDIT);
        assertEq(claim(address(usd), payer), 0, "a claim of another token");
        vm.startPrank(payer);
        uint256 proceeds = market.sellAndWithdraw(id, 500_000 * CREDIT, 1, payer, block.timestamp);
        assertAtMost(proceeds, cost, "proceeds");
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_NothingToWithdraw.selector, address(usd), payer));
        market.withdraw(address(usd), payer);
        vm.stopPrank();
        // Saying less between two purchases changes nothing: what came in is the difference.
        token.say(address(market), 0);
        buyAs(payer, id, CREDIT);
        assertEq(usd.balanceOf(payer), 0, "honest money");
        assertHonestServiceIsWhole();
    }

    /// A token that answers calls it doesn't know gives nothing by permit or authorisation.
    function test_ATokenThatPretendsToKnowPermitsPaysOnlyByAllowance() public {
        PhantomMoney token = new PhantomMoney();
        uint256 id = serviceIn(address(token), defaultCurve());
        token.mint(payer, MONEY);
        BuyIntent memory intent = buyIntent(id, CREDIT, BOB);
        bytes memory signature = new bytes(65);
        Payment memory forged = Payment(PaymentMethod.Authorization, payer, signature);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Market_InexactPayment.selector, address(token), intent.maxCost, 0)
        );
        vm.prank(BOB);
        market.buyWith(intent, forged);
        forged = Payment(PaymentMethod.Permit, payer, signature);
        allow(address(token), PAYER_KEY, PaymentMethod.Allowance, MONEY);
        vm.expectRevert(abi.encodeWithSelector(Errors.Payment_ForeignPayer.selector, payer, BOB));
        vm.prank(BOB);
        market.buyWith(intent, forged);
        vm.prank(payer);
        market.buyWith(intent, forged);
        assertEq(accessToken.balanceOf(BOB, id), CREDIT, "credits");
    }
}
