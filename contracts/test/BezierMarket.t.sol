// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {AccessToken} from "../AccessToken.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract BezierMarketTest is Fixture {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    uint256 private id;

    function setUp() public {
        deploySystem();
        id = createService(defaultService());
    }

    // ---- the five properties of the curve, through the market ----

    /// Any sequence of purchases and sales that ends where it began costs its maker exactly the fees, never less.
    function testFuzz_NoRoundTripGains(uint256 seed, uint256[6] calldata steps) public {
        ServiceParams memory params = defaultService();
        params.curve = CurveSamples.curve(seed);
        params.royaltyBps = uint16(seed % 2001);
        id = createService(params);
        usd.mint(ALICE, type(uint128).max);
        vm.prank(ALICE);
        usd.approve(address(market), type(uint256).max);
        uint256 room = type(uint96).max;
        uint256 paid;
        uint256 fees;
        uint256 got;
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 held = accessToken.balanceOf(ALICE, id);
            if (i % 2 == 1 && held > 0) {
                uint256 sold = CurveSamples.pick(steps[i], 1, 1, held);
                vm.prank(ALICE);
                got += market.sell(id, sold, 0, ALICE, block.timestamp);
            } else if (room > held) {
                uint256 credits = 1 + CurveSamples.magnitude(steps[i], 1, room - held - 1);
                (, uint256 protocolFee, uint256 royalty) = market.quoteBuy(id, credits);
                vm.prank(ALICE);
                paid += market.buy(id, credits, type(uint256).max, ALICE, block.timestamp);
                fees += protocolFee + royalty;
            }
            assertEq(market.reserveOf(id), market.areaAt(id, market.supplyOf(id)), "reserve is not R(supply)");
        }
        uint256 rest = accessToken.balanceOf(ALICE, id);
        if (rest > 0) {
            vm.prank(ALICE);
            got += market.sell(id, rest, 0, ALICE, block.timestamp);
        }
        assertEq(market.supplyOf(id), 0, "supply");
        assertEq(market.reserveOf(id), 0, "reserve");
        assertEq(got + fees, paid, "money appeared or vanished");
        assertEq(usd.balanceOf(address(market)), got + fees, "market's balance is not what it owes");
    }

    /// Buying n then m costs what buying n + m costs.
    function testFuzz_PurchasesArePathIndependent(uint256 seed, uint256 seedN, uint256 seedM) public {
        ServiceParams memory params = defaultService();
        params.curve = CurveSamples.curve(seed);
        (uint256 split, uint256 whole) = (createService(params), createService(params));
        uint256 n = 1 + CurveSamples.magnitude(seedN, 1, type(uint96).max - 2);
        uint256 m = CurveSamples.pick(seedM, 1, 1, type(uint96).max - n);
        buy(ALICE, split, n);
        buy(ALICE, split, m);
        buy(BOB, whole, n + m);
        assertEq(market.reserveOf(split), market.reserveOf(whole), "reserve depends on the path");
        vm.prank(ALICE);
        uint256 proceeds = market.sell(split, n + m, 0, ALICE, block.timestamp);
        assertEq(proceeds, market.reserveOf(whole), "selling back returns another amount");
    }

    /// Many dust purchases cost at least what one purchase of their sum costs, and dust sales yield no more.
    function test_DustNeverGains() public {
        buy(BOB, id, 777 * CREDIT);
        uint256 paid;
        for (uint256 i = 0; i < 40; ++i) {
            paid += buy(ALICE, id, (13 * CREDIT) / 1_000_000);
        }
        uint256 got;
        for (uint256 i = 0; i < 520; ++i) {
            vm.prank(ALICE);
            got += market.sell(id, CREDIT / 1_000_000, 0, ALICE, block.timestamp);
        }
        assertEq(accessToken.balanceOf(ALICE, id), 0, "credits left");
        assertAtMost(got, paid, "dust gained");
    }

    /// Everyone can always leave: the last holder gets what the curve says, and the reserve ends at zero.
    function test_EveryoneCanLeave() public {
        buy(ALICE, id, 900_000 * CREDIT);
        buy(BOB, id, 900_000 * CREDIT);
        vm.prank(ALICE);
        market.sellAndWithdraw(id, 900_000 * CREDIT, 1, ALICE, block.timestamp);
        vm.prank(BOB);
        market.sellAndWithdraw(id, 900_000 * CREDIT, 1, BOB, block.timestamp);
        assertEq(market.reserveOf(id), 0, "reserve");
        assertEq(
            usd.balanceOf(address(market)),
            market.claimOf(address(usd), treasury) + market.claimOf(address(usd), publisher),
            "the market keeps only the fees"
        );
    }

    // ---- money ----

    function test_FeesComeOnTopRoundedUpAndBecomeClaims() public {
        uint256 cost = buy(ALICE, id, 333 * CREDIT + 1);
        uint256 area = market.reserveOf(id);
        uint256 fee = (area * 50 + 9_999) / 10_000;
        uint256 royalty = (area * 250 + 9_999) / 10_000;
        assertEq(cost, area + fee + royalty, "cost");
        assertEq(market.claimOf(address(usd), treasury), fee, "protocol fee");
        assertEq(market.claimOf(address(usd), publisher), royalty, "royalty");
        vm.prank(publisher);
        assertEq(market.withdraw(address(usd), BOB), royalty, "withdrawn");
        assertEq(usd.balanceOf(BOB), royalty, "received");
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_NothingToWithdraw.selector, address(usd), publisher));
        vm.prank(publisher);
        market.withdraw(address(usd), BOB);
    }

    function test_AClaimMovesOnlyByItsOwnerAndOnlyOnce() public {
        buy(ALICE, id, 100 * CREDIT);
        uint256 royalty = market.claimOf(address(usd), publisher);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_InsufficientClaim.selector, address(usd), BOB, 0, 1));
        vm.prank(BOB);
        market.transferClaim(address(usd), BOB, 1);
        vm.prank(publisher);
        market.transferClaim(address(usd), publisher, royalty);
        assertEq(market.claimOf(address(usd), publisher), royalty, "moved to oneself");
        vm.prank(publisher);
        market.transferClaim(address(usd), BOB, royalty);
        assertEq(market.claimOf(address(usd), BOB), royalty, "moved");
        assertEq(market.claimOf(address(usd), publisher), 0, "left");
        vm.expectRevert(Errors.Market_ZeroRecipient.selector);
        vm.prank(BOB);
        market.transferClaim(address(usd), address(0), 1);
    }

    // ---- bad input ----

    function test_BadPurchasesAreRefusedWithTheirValues() public {
        (uint256 cost, , ) = market.quoteBuy(id, CREDIT);
        fund(ALICE, cost);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_CostAboveLimit.selector, cost, cost - 1));
        market.buy(id, CREDIT, cost - 1, ALICE, block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Market_DeadlinePassed.selector, block.timestamp - 1, block.timestamp)
        );
        market.buy(id, CREDIT, cost, ALICE, block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_ZeroCredits.selector, id));
        market.buy(id, 0, cost, ALICE, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_UnknownService.selector, id + 1));
        market.buy(id + 1, CREDIT, cost, ALICE, block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.Market_SupplyTooLarge.selector,
                0,
                uint256(type(uint96).max) + 1,
                type(uint96).max
            )
        );
        market.buy(id, uint256(type(uint96).max) + 1, type(uint256).max, ALICE, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(0)));
        market.buy(id, CREDIT, cost, address(0), block.timestamp);
        vm.stopPrank();
        assertEq(usd.balanceOf(ALICE), cost, "money moved");
    }

    function test_BadSalesAreRefusedWithTheirValues() public {
        buy(ALICE, id, 10 * CREDIT);
        buy(BOB, id, 10 * CREDIT);
        uint256 proceeds = market.quoteSell(id, CREDIT);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_ProceedsBelowLimit.selector, proceeds, proceeds + 1));
        market.sell(id, CREDIT, proceeds + 1, ALICE, block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Market_DeadlinePassed.selector, block.timestamp - 1, block.timestamp)
        );
        market.sellAndWithdraw(id, CREDIT, 0, ALICE, block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_ZeroCredits.selector, id));
        market.sell(id, 0, 0, ALICE, block.timestamp);
        vm.expectRevert(Errors.Market_ZeroRecipient.selector);
        market.sell(id, CREDIT, 0, address(0), block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Market_InsufficientCredits.selector, id, 20 * CREDIT, 20 * CREDIT + 1)
        );
        market.sell(id, 20 * CREDIT + 1, 0, ALICE, block.timestamp);
        // Within the supply, but more than the seller's own.
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC1155Errors.ERC1155InsufficientBalance.selector,
                ALICE,
                10 * CREDIT,
                11 * CREDIT,
                id
            )
        );
        market.sell(id, 11 * CREDIT, 0, ALICE, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_UnknownService.selector, 99));
        market.sell(99, CREDIT, 0, ALICE, block.timestamp);
        vm.stopPrank();
    }

    function test_OnlyTheWiredContractsMintListAndRedeem() public {
        buy(ALICE, id, 10 * CREDIT);
        vm.expectRevert(abi.encodeWithSelector(Errors.AccessToken_Forbidden.selector, address(this)));
        accessToken.mint(address(this), id, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.AccessToken_Forbidden.selector, address(this)));
        accessToken.burn(ALICE, id, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_Forbidden.selector, address(this)));
        market.list(7, address(usd), publisher, 0, defaultCurve());
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_Forbidden.selector, address(this)));
        market.redeem(id, ALICE, 1);
    }

    function test_MiswiredOrGreedyDeploymentsAreRefused() public {
        vm.expectRevert(Errors.Market_Miswired.selector);
        new BezierMarket(accessToken, address(registry), address(escrow), treasury, 0, PERMIT2);
        // An access token and a registry (the token stands in: only its wiring is asked for) of a market to come.
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        AccessToken token = new AccessToken(next, "");
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_FeeTooHigh.selector, 501, 500));
        new BezierMarket(token, address(token), address(escrow), treasury, 501, PERMIT2);
        next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        token = new AccessToken(next, "");
        vm.expectRevert(Errors.Market_ZeroRecipient.selector);
        new BezierMarket(token, address(token), address(escrow), address(0), 0, PERMIT2);
    }

    function test_ViewsAgreeWithTheTrades() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.Market_SupplyTooLarge.selector,
                uint256(type(uint96).max) + 1,
                0,
                type(uint96).max
            )
        );
        market.areaAt(id, uint256(type(uint96).max) + 1);
        vm.expectRevert(Errors.Market_ZeroRecipient.selector);
        market.withdraw(address(usd), address(0));
        buy(ALICE, id, 500_000 * CREDIT);
        uint256 price = market.price(id);
        assertEq(price, market.priceAt(id, 500_000 * CREDIT), "price at the supply");
        uint256 crossing = market.supplyAtPrice(id, price);
        assertAtMost(crossing, 500_000 * CREDIT, "crossing");
        assertEq(market.priceAt(id, crossing), price, "price at the crossing");
        uint256 quote = market.quoteSell(id, 1_000 * CREDIT);
        vm.prank(ALICE);
        assertEq(market.sellAndWithdraw(id, 1_000 * CREDIT, quote, BOB, block.timestamp), quote, "quote");
        assertEq(usd.balanceOf(BOB), quote, "received");
    }

    function testFuzz_SellingToAPriceSellsAllThatYieldsItAndNothingElse(
        uint256 bought,
        uint256 level,
        uint256 most
    ) public {
        CurvePoints memory curve = defaultCurve();
        bought = bound(bought, 1, 1_200_000 * CREDIT);
        buy(ALICE, id, bought);
        uint256 minPrice = bound(level, curve.y0, curve.y3);
        most = bound(most, 1, bought);
        uint256 target = market.supplyAtPrice(id, minPrice);
        vm.startPrank(ALICE);
        if (target >= bought) {
            vm.expectRevert(abi.encodeWithSelector(Errors.Market_ZeroCredits.selector, id));
            market.sellToPrice(id, minPrice, most, BOB, block.timestamp);
            vm.stopPrank();
            return;
        }
        uint256 expected = bought - target < most ? bought - target : most;
        uint256 quote = market.quoteSell(id, expected);
        (uint256 credits, uint256 proceeds) = market.sellToPrice(id, minPrice, most, BOB, block.timestamp);
        vm.stopPrank();
        assertEq(credits, expected, "credits");
        assertEq(proceeds, quote, "proceeds are the curve's");
        assertEq(market.claimOf(address(usd), BOB), proceeds, "claim");
        assertAtMost(minPrice, market.price(id), "price afterwards");
        // R may be short of the exact area by less than two units.
        assertAtMost((minPrice * credits) / 1e36, proceeds + 2, "at least the price on every credit");
    }
}
