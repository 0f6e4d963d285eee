// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BuyIntent, Payment, PaymentMethod} from "../types/PaymentTypes.sol";
import {SessionParams, SessionState, SettleItem} from "../types/SessionTypes.sol";
import {HostileFixture} from "./HostileFixture.sol";
import {IFiatToken, RealMoney} from "./RealMoney.sol";
import {vm} from "./Vm.sol";

/// @title Tokens that stop, for everyone or for some: USDC as it is.
contract StoppedMoneyTest is HostileFixture {
    function setUp() public {
        prepare();
    }

    struct Stopped {
        IFiatToken token;
        uint256 id;
        SessionParams[4] sessions;
    }

    function startStopped() private returns (Stopped memory s) {
        s.token = RealMoney.deployUsdc();
        s.id = serviceIn(address(s.token));
        buyAs(payer, s.id, 1_000 * CREDIT);
        for (uint256 i = 0; i < 4; ++i) s.sessions[i] = openAs(payer, s.id, 100 * CREDIT);
    }

    /// @dev Selling to a claim, moving claims, opening, collecting, closing alone or together and settling: all that needs
    /// no token to move.
    function everythingButTheTokenGoesOn(Stopped memory s) private {
        SessionState memory state = half(s.sessions[0], false);
        escrow.collect(s.sessions[0], state, signState(OPERATOR, state), signState(SESSION_KEY, state));
        close(s.sessions[1]);
        SessionState memory none;
        vm.prank(payer);
        escrow.startClosing(s.sessions[2], none, "", "");
        openAs(payer, s.id, 100 * CREDIT);
        vm.warp(block.timestamp + CHALLENGE_PERIOD);
        escrow.finish(s.sessions[2], none);
        SettleItem[] memory items = new SettleItem[](1);
        state = half(s.sessions[3], true);
        items[0] = SettleItem(s.sessions[3], state, signState(OPERATOR, state), signState(SESSION_KEY, state));
        assertEq(escrow.settleMany(items), 1, "settled");
        vm.startPrank(payer);
        market.sell(s.id, 500 * CREDIT, 1, payer, block.timestamp);
        market.transferClaim(address(s.token), BOB, 1);
        vm.stopPrank();
        assertEq(
            s.token.balanceOf(address(market)),
            owed(s.id, address(s.token), [payer, BOB]) + claim(address(s.token), owner),
            "market's balance"
        );
    }

    function test_APausedTokenStopsOnlyItsOwnPaymentsInAndOut() public {
        Stopped memory s = startStopped();
        s.token.pause();
        everythingButTheTokenGoesOn(s);
        bytes memory paused = abi.encodeWithSignature("Error(string)", "Pausable: paused");
        vm.startPrank(payer);
        vm.expectRevert(paused);
        market.buy(s.id, CREDIT, type(uint256).max, payer, block.timestamp);
        vm.expectRevert(paused);
        market.withdraw(address(s.token), payer);
        vm.stopPrank();
        assertHonestServiceIsWhole();
        s.token.unpause();
        vm.prank(payer);
        market.withdraw(address(s.token), payer);
    }

    /// With market, escrow and a provider blocked, what needs the token waits; the rest goes on, and nobody else waits.
    function test_ATokenThatBlocksMarketAndEscrowStallsNobodyElse() public {
        Stopped memory s = startStopped();
        s.token.blacklist(address(market));
        s.token.blacklist(address(escrow));
        s.token.blacklist(owner);
        everythingButTheTokenGoesOn(s);
        vm.startPrank(payer);
        vm.expectPartialRevert(bytes4(keccak256("Error(string)")));
        market.withdraw(address(s.token), payer);
        vm.stopPrank();
        assertHonestServiceIsWhole();
        // The escrow never holds or moves a token: that it stays blocked means nothing; the provider is paid elsewhere.
        s.token.unBlacklist(address(market));
        vm.prank(payer);
        market.withdraw(address(s.token), payer);
        vm.startPrank(owner);
        vm.expectPartialRevert(bytes4(keccak256("Error(string)")));
        market.withdraw(address(s.token), owner);
        uint256 due = claim(address(s.token), owner);
        assertEq(market.withdraw(address(s.token), address(0xCAFE)), due, "provider's claim");
        vm.stopPrank();
    }

    /// A payer that is blocked pays nothing, whatever it signed, and others go on.
    function test_ABlockedPayerStallsOnlyItself() public {
        Stopped memory s = startStopped();
        s.token.blacklist(payer);
        for (uint256 i = 0; i < 4; ++i) {
            BuyIntent memory intent = buyIntent(s.id, CREDIT, payer);
            Payment memory paid = payFor(intent, PaymentMethod(i), PAYER_KEY);
            uint256 supply = market.supplyOf(s.id);
            vm.prank(payer);
            (bool ok, ) = address(market).call(abi.encodeCall(market.buyWith, (intent, paid)));
            assertTrue(!ok && market.supplyOf(s.id) == supply, "a blocked payer bought");
        }
        s.token.mint(BOB, MONEY);
        vm.prank(BOB);
        s.token.approve(address(market), MONEY);
        buyAs(BOB, s.id, CREDIT);
        vm.prank(BOB);
        market.sellAndWithdraw(s.id, CREDIT, 1, BOB, block.timestamp);
    }
}
