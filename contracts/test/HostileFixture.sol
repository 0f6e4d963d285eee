// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {SessionParams, SessionState} from "../types/SessionTypes.sol";
import {Money} from "./HostileMoney.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {vm} from "./Vm.sol";

/// @title A system with an honest service and its holder, into which hostile payment tokens are let.
abstract contract HostileFixture is PaymentFixture {
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant OPERATOR = 0x0B;
    uint256 internal constant SESSION_KEY = 0x5E55;
    address internal constant BOB = address(0xB0B);
    uint256 internal constant MONEY = 1_000_000_000 * USD;
    address internal payer;
    address internal owner;
    /// @dev A service in an honest token, with a holder.
    uint256 internal honest;

    function prepare() internal {
        deployAll();
        payer = vm.addr(PAYER_KEY);
        honest = createService(defaultService());
        owner = startProvider(OPERATOR, honest, 10_000_000e18);
        buy(BOB, honest, 1_000 * CREDIT);
    }

    // ---- helpers ----

    function serviceIn(address token, CurvePoints memory curve) internal returns (uint256 id) {
        ServiceParams memory params = defaultService();
        params.paymentToken = token;
        params.curve = curve;
        id = createService(params);
        vm.prank(owner);
        registry.enrol(id);
    }

    /// @dev The payer has a fortune in it, and the market and Permit2 its allowance.
    function serviceIn(address token) internal returns (uint256 id) {
        id = serviceIn(token, defaultCurve());
        Money(token).mint(payer, MONEY);
        vm.startPrank(payer);
        (bool ok, ) = token.call(abi.encodeCall(IERC20.approve, (address(market), type(uint256).max)));
        (bool too, ) = token.call(abi.encodeCall(IERC20.approve, (address(PERMIT2), type(uint256).max)));
        vm.stopPrank();
        assertTrue(ok && too, "approval");
    }

    function buyAs(address account, uint256 id, uint256 credits) internal returns (uint256 cost) {
        vm.prank(account);
        return market.buy(id, credits, type(uint256).max, account, block.timestamp);
    }

    function openAs(address buyer, uint256 id, uint256 credits) internal returns (SessionParams memory) {
        return openSession(buyer, makeOffer(id, owner), OPERATOR, uint128(credits), SESSION_KEY);
    }

    function half(SessionParams memory params, bool isFinal) internal pure returns (SessionState memory s) {
        s.sessionId = keccak256(abi.encode(params));
        (s.seq, s.creditsUsed, s.invocations, s.isFinal) = (isFinal ? 2 : 1, params.credits / 2, 100, isFinal);
    }

    function close(SessionParams memory params) internal {
        SessionState memory s = half(params, true);
        escrow.close(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
    }

    function claim(address token, address account) internal view returns (uint256) {
        return market.claimOf(token, account);
    }

    /// @dev Everything that can be done with an honest service is done, down to the last unit.
    function assertHonestServiceIsWhole() internal {
        SessionParams memory params = openAs(BOB, honest, 100 * CREDIT);
        close(params);
        vm.startPrank(BOB);
        market.sellAndWithdraw(honest, 900 * CREDIT, 1, BOB, block.timestamp);
        market.withdraw(address(usd), BOB);
        vm.stopPrank();
        vm.prank(owner);
        market.withdraw(address(usd), owner);
        vm.prank(treasury);
        market.withdraw(address(usd), treasury);
        vm.prank(publisher);
        market.withdraw(address(usd), publisher);
        assertEq(market.reserveOf(honest), 0, "honest reserve");
        assertEq(usd.balanceOf(address(market)), 0, "something of the honest token is left or missing");
    }
}
