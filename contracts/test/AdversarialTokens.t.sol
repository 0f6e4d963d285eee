// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {IBezierMarket} from "../interfaces/IBezierMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {
    BlocklistToken,
    FeeOnTransferToken,
    GenerousToken,
    HookToken,
    ITokenHook,
    MintableToken,
    NoReturnToken,
    NoZeroToken,
    PretendingToken
} from "./AdversarialTokens.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title Tries every guarded function again from inside a token's or an access token's callback.
contract Reenterer is ITokenHook, ERC1155Holder {
    BezierMarket private immutable _market;
    uint256 private immutable _id;
    address private immutable _token;
    bool public armed;
    uint256 public refusals;
    uint256 public successes;

    constructor(BezierMarket market, uint256 id, address token) {
        _market = market;
        _id = id;
        _token = token;
        IERC20(token).approve(address(market), type(uint256).max);
    }

    function arm(bool on) external {
        armed = on;
    }

    function act(bytes calldata call) external {
        (bool ok, bytes memory reason) = address(_market).call(call);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    function onMove() external {
        if (!armed) return;
        uint256 time = block.timestamp;
        _try(abi.encodeCall(BezierMarket.buy, (_id, 1e18, type(uint256).max, address(this), time)));
        _try(abi.encodeCall(BezierMarket.sell, (_id, 1e18, 0, address(this), time)));
        _try(abi.encodeCall(BezierMarket.sellAndWithdraw, (_id, 1e18, 0, address(this), time)));
        _try(abi.encodeCall(IBezierMarket.withdraw, (_token, address(this))));
    }

    function onERC1155Received(
        address operator,
        address from,
        uint256 id,
        uint256 value,
        bytes memory data
    ) public override returns (bytes4) {
        this.onMove();
        return super.onERC1155Received(operator, from, id, value, data);
    }

    function _try(bytes memory call) private {
        (bool ok, bytes memory reason) = address(_market).call(call);
        if (ok) ++successes;
        else if (bytes4(reason) == ReentrancyGuard.ReentrancyGuardReentrantCall.selector) ++refusals;
    }
}

contract AdversarialTokensTest is Fixture {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);

    function setUp() public {
        deploySystem();
    }

    function serviceIn(address token) private returns (uint256) {
        ServiceParams memory params = defaultService();
        params.paymentToken = token;
        return createService(params);
    }

    function fundWith(address token, address account) private {
        MintableToken(token).mint(account, 1_000_000 * USD);
        vm.prank(account);
        // Some of these tokens return nothing.
        (bool ok, ) = token.call(abi.encodeCall(IERC20.approve, (address(market), type(uint256).max)));
        assertTrue(ok, "approval");
    }

    function refusesPurchase(address token, uint256 id, uint256 expected, uint256 received) private {
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_InexactPayment.selector, token, expected, received));
        vm.prank(ALICE);
        market.buy(id, CREDIT, type(uint256).max, ALICE, block.timestamp);
        assertEq(market.supplyOf(id), 0, "credits were sold");
    }

    function test_TokensThatMoveAnythingButTheExactAmountAreRefused() public {
        address[3] memory tokens = [
            address(new FeeOnTransferToken()),
            address(new PretendingToken()),
            address(new GenerousToken())
        ];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 id = serviceIn(tokens[i]);
            fundWith(tokens[i], ALICE);
            (uint256 cost, , ) = market.quoteBuy(id, CREDIT);
            refusesPurchase(
                tokens[i],
                id,
                cost,
                i == 0
                    ? cost - cost / 100
                    : i == 1
                        ? 0
                        : cost + 1
            );
        }
    }

    function test_AnAccountWithoutCodeIsNoPaymentToken() public {
        ServiceParams memory params = defaultService();
        params.paymentToken = ALICE;
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_NotAToken.selector, ALICE));
        registry.createService(params);
    }

    function test_ATokenThatReturnsNothingWorksBothWays() public {
        NoReturnToken token = new NoReturnToken();
        uint256 id = serviceIn(address(token));
        fundWith(address(token), ALICE);
        vm.startPrank(ALICE);
        market.buy(id, 100 * CREDIT, type(uint256).max, ALICE, block.timestamp);
        uint256 before = token.balanceOf(ALICE);
        uint256 proceeds = market.sellAndWithdraw(id, 50 * CREDIT, 1, ALICE, block.timestamp);
        proceeds += market.sell(id, 50 * CREDIT, 1, ALICE, block.timestamp);
        market.withdraw(address(token), ALICE);
        vm.stopPrank();
        assertEq(token.balanceOf(ALICE), before + proceeds, "proceeds");
        assertEq(market.reserveOf(id), 0, "reserve");
    }

    /// Dust that costs nothing and yields nothing moves no token, so that no token can refuse it.
    function test_ATokenThatRefusesZeroStallsNoDust() public {
        NoZeroToken token = new NoZeroToken();
        uint256 id = serviceIn(address(token));
        vm.startPrank(ALICE);
        assertEq(market.buy(id, 1, 0, ALICE, block.timestamp), 0, "cost of dust");
        assertEq(market.sellAndWithdraw(id, 1, 0, ALICE, block.timestamp), 0, "proceeds of dust");
        vm.stopPrank();
    }

    /// A recipient that the token blocks stalls nobody else, and keeps its claim, payable elsewhere.
    function test_ABlockedRecipientStallsNobody() public {
        BlocklistToken token = new BlocklistToken();
        uint256 id = serviceIn(address(token));
        fundWith(address(token), ALICE);
        fundWith(address(token), BOB);
        vm.prank(ALICE);
        market.buy(id, 100 * CREDIT, type(uint256).max, ALICE, block.timestamp);
        vm.prank(BOB);
        market.buy(id, 100 * CREDIT, type(uint256).max, BOB, block.timestamp);
        token.block_(ALICE);
        token.block_(publisher);
        token.block_(treasury);

        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, ALICE));
        market.sellAndWithdraw(id, 100 * CREDIT, 1, ALICE, block.timestamp);
        uint256 proceeds = market.sell(id, 100 * CREDIT, 1, ALICE, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, ALICE));
        market.withdraw(address(token), ALICE);
        assertEq(market.withdraw(address(token), address(0xCAFE)), proceeds, "claim");
        vm.stopPrank();
        vm.prank(BOB);
        market.sellAndWithdraw(id, 100 * CREDIT, 1, BOB, block.timestamp);
        assertEq(market.reserveOf(id), 0, "reserve");
    }

    /// Every entry tried from inside a callback is refused, and what follows is exact: nothing is spent twice.
    function test_ReentrancyFromCallbacksCannotDoubleSpend() public {
        HookToken token = new HookToken();
        uint256 id = serviceIn(address(token));
        Reenterer attacker = new Reenterer(market, id, address(token));
        token.mint(address(attacker), 1_000_000 * USD);
        fundWith(address(token), ALICE);
        vm.prank(ALICE);
        market.buy(id, 500 * CREDIT, type(uint256).max, ALICE, block.timestamp);
        attacker.act(
            abi.encodeCall(BezierMarket.buy, (id, 100 * CREDIT, type(uint256).max, address(attacker), block.timestamp))
        );
        attacker.act(abi.encodeCall(BezierMarket.sell, (id, CREDIT, 0, address(attacker), block.timestamp)));

        attacker.arm(true);
        bytes[4] memory calls = [
            abi.encodeCall(BezierMarket.buy, (id, 10 * CREDIT, type(uint256).max, address(attacker), block.timestamp)),
            abi.encodeCall(BezierMarket.sell, (id, CREDIT, 0, address(attacker), block.timestamp)),
            abi.encodeCall(BezierMarket.sellAndWithdraw, (id, CREDIT, 0, address(attacker), block.timestamp)),
            abi.encodeCall(IBezierMarket.withdraw, (address(token), address(attacker)))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            attacker.act(calls[i]);
            assertEq(market.reserveOf(id), market.areaAt(id, market.supplyOf(id)), "reserve is not R(supply)");
            assertEq(
                token.balanceOf(address(market)),
                market.reserveOf(id) +
                    market.claimOf(address(token), address(attacker)) +
                    market.claimOf(address(token), treasury) +
                    market.claimOf(address(token), publisher),
                "market's balance is not what it owes"
            );
        }
        assertEq(attacker.successes(), 0, "a call from a callback succeeded");
        // Two callbacks in the purchase, one in each of the two payments out; four attempts in each.
        assertEq(attacker.refusals(), 16, "refusals");
        assertEq(market.supplyOf(id), 500 * CREDIT + accessToken.balanceOf(address(attacker), id), "supply");
    }
}
