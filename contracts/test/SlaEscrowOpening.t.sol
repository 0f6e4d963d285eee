// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SlaEscrow} from "../SlaEscrow.sol";
import {Errors} from "../libraries/Errors.sol";
import {Offer, SessionParams, SessionStatus} from "../types/SessionTypes.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {vm} from "./Vm.sol";

contract SlaEscrowOpeningTest is EscrowFixture {
    function test_OpeningBurnsCreditsEscrowsTheirValueAndLocksTheBond() public {
        uint256 value = market.quoteSell(id, 100 * CREDIT);
        uint256 reserve = market.reserveOf(id);
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        assertEq(params.value, value, "value");
        assertEq(claim(address(escrow)), value, "escrow's claim");
        assertEq(market.reserveOf(id), reserve - value, "reserve");
        assertEq(accessToken.balanceOf(BUYER, id), 9_900 * CREDIT, "credits");
        assertEq(staking.getProvider(owner).bonded, 100e18, "bond");
        assertStatus(sessionId, SessionStatus.Open);
    }

    function testFuzz_TheBondIsRoundedUp(uint128 credits, uint64 bondPerCredit) public {
        credits = uint128(bound(credits, 1e15, 10_000 * CREDIT));
        Offer memory offer = makeOffer(id, owner);
        offer.bondPerCredit = uint128(bound(bondPerCredit, 0.1e18, 10e18));
        openSession(BUYER, offer, OPERATOR, credits, SESSION_KEY);
        uint256 bonded = staking.getProvider(owner).bonded;
        uint256 exact = uint256(credits) * offer.bondPerCredit;
        assertTrue(bonded * CREDIT >= exact && (bonded - 1) * CREDIT < exact, "bond");
    }

    function test_EveryWrongOfferIsRefusedAndNothingMoves() public {
        uint256 time = block.timestamp;
        Offer memory offer = makeOffer(id, owner);
        address key = vm.addr(SESSION_KEY);
        bytes memory good = sign(OPERATOR, escrow.offerDigest(offer));
        bytes memory foreign = sign(0xBAD, escrow.offerDigest(offer));

        vm.startPrank(BUYER);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_DeadlinePassed.selector, time - 1, time));
        escrow.open(offer, good, uint128(CREDIT), key, 1, time - 1);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Escrow_ForeignSigner.selector, vm.addr(OPERATOR), vm.addr(0xBAD))
        );
        escrow.open(offer, foreign, uint128(CREDIT), key, 1, time);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_ForeignSigner.selector, vm.addr(OPERATOR), address(0)));
        escrow.open(offer, "", uint128(CREDIT), key, 1, time);
        vm.expectRevert(Errors.Escrow_ZeroSessionKey.selector);
        escrow.open(offer, good, uint128(CREDIT), address(0), 1, time);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_CreditsOutOfRange.selector, 0, 1, type(uint128).max));
        escrow.open(offer, good, 0, key, 1, time);
        vm.expectPartialRevert(Errors.Escrow_ValueBelowLimit.selector);
        escrow.open(offer, good, uint128(CREDIT), key, 1_000 * USD, time);
        vm.expectPartialRevert(Errors.Escrow_ValueBelowLimit.selector);
        escrow.open(offer, good, 1, key, 0, time);
        vm.stopPrank();
        // The holder of too few credits.
        vm.expectPartialRevert(Errors.Market_InsufficientCredits.selector);
        vm.prank(BUYER);
        escrow.open(offer, good, uint128(10_000 * CREDIT + 1), key, 1, time);
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, WATCHTOWER, 0, CREDIT, id)
        );
        vm.prank(WATCHTOWER);
        escrow.open(offer, good, uint128(CREDIT), key, 1, time);

        vm.warp(offer.expiry + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_OfferExpired.selector, offer.expiry, offer.expiry + 1));
        vm.prank(BUYER);
        escrow.open(offer, good, uint128(CREDIT), key, 1, offer.expiry + 1);
        assertEq(accessToken.balanceOf(BUYER, id), 10_000 * CREDIT, "credits moved");
        assertEq(staking.getProvider(owner).bonded, 0, "stake was locked");
    }

    function test_OfferTermsBind() public {
        Offer memory offer = makeOffer(id, owner);
        offer.buyer = WATCHTOWER;
        offer.minCredits = uint128(10 * CREDIT);
        offer.maxCredits = uint128(20 * CREDIT);
        expectRefusal(
            offer,
            10 * CREDIT,
            abi.encodeWithSelector(Errors.Escrow_ForeignBuyer.selector, WATCHTOWER, BUYER)
        );
        offer.buyer = BUYER;
        expectRefusal(
            offer,
            10 * CREDIT - 1,
            abi.encodeWithSelector(Errors.Escrow_CreditsOutOfRange.selector, 10 * CREDIT - 1, 10 * CREDIT, 20 * CREDIT)
        );
        expectRefusal(
            offer,
            20 * CREDIT + 1,
            abi.encodeWithSelector(Errors.Escrow_CreditsOutOfRange.selector, 20 * CREDIT + 1, 10 * CREDIT, 20 * CREDIT)
        );
        offer.bondPerCredit = 0.1e18 - 1;
        expectRefusal(
            offer,
            10 * CREDIT,
            abi.encodeWithSelector(Errors.Escrow_BondTooLow.selector, 0.1e18 - 1, 0.1e18)
        );
        offer.bondPerCredit = 1e18;
        uint256 value = market.quoteSell(id, 10 * CREDIT);
        // One more than the value of ten credits, per credit and scaled: refused; exactly that value: accepted.
        offer.minValuePerCredit = uint128((value * 1e18) / 10 + 1);
        expectRefusal(
            offer,
            10 * CREDIT,
            abi.encodeWithSelector(Errors.Escrow_ValueBelowLimit.selector, value, value + 1)
        );
        offer.minValuePerCredit = uint128((value * 1e18) / 10);
        openSession(BUYER, offer, OPERATOR, uint128(10 * CREDIT), SESSION_KEY);
    }

    function expectRefusal(Offer memory offer, uint256 credits, bytes memory reason) private {
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.expectRevert(reason);
        vm.prank(BUYER);
        escrow.open(offer, signature, uint128(credits), vm.addr(SESSION_KEY), 1, block.timestamp);
    }

    function test_AnOfferOpensOneSessionAndACancelledOneNone() public {
        Offer memory offer = makeOffer(id, owner);
        openSession(BUYER, offer, OPERATOR, uint128(CREDIT), SESSION_KEY);
        assertTrue(escrow.isOfferUsed(owner, offer.nonce), "used");
        expectRefusal(offer, CREDIT, abi.encodeWithSelector(Errors.Escrow_OfferUsed.selector, owner, offer.nonce));

        offer = makeOffer(id, owner);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_Forbidden.selector, BUYER));
        vm.prank(BUYER);
        escrow.cancelOffer(owner, offer.nonce);
        vm.prank(vm.addr(OPERATOR));
        escrow.cancelOffer(owner, offer.nonce);
        expectRefusal(offer, CREDIT, abi.encodeWithSelector(Errors.Escrow_OfferUsed.selector, owner, offer.nonce));
        offer = makeOffer(id, owner);
        vm.prank(owner);
        escrow.cancelOffer(owner, offer.nonce);
        assertTrue(escrow.isOfferUsed(owner, offer.nonce), "cancelled");
    }

    /// Nonces are unordered and each is its own: using one up uses up no other, wherever its bit and its word are.
    function testFuzz_EachNonceOfAProviderIsUsedUpAlone(uint256 nonce, uint8 bit) public {
        vm.startPrank(owner);
        escrow.cancelOffer(owner, nonce);
        assertTrue(escrow.isOfferUsed(owner, nonce), "not used");
        uint256 other = nonce ^ (1 << bit);
        assertTrue(!escrow.isOfferUsed(owner, other), "another was used up");
        assertTrue(!escrow.isOfferUsed(BUYER, nonce), "another provider's was used up");
        escrow.cancelOffer(owner, other);
        vm.expectRevert(abi.encodeWithSelector(Errors.Escrow_OfferUsed.selector, owner, nonce));
        escrow.cancelOffer(owner, nonce);
        vm.stopPrank();
    }

    function test_OffersOfARevokedOperatorOrAResignedOrDeregisteredProviderOpenNothing() public {
        Offer memory offer = makeOffer(id, owner);
        vm.prank(owner);
        registry.resign(id);
        expectRefusal(offer, CREDIT, abi.encodeWithSelector(Errors.Registry_NotEnrolled.selector, id, owner));
        vm.prank(owner);
        registry.enrol(id);
        vm.prank(owner);
        staking.revokeOperator();
        expectRefusal(offer, CREDIT, abi.encodeWithSelector(Errors.Staking_Inactive.selector, owner));
        bytes memory consent = signConsent(0xBEEF, owner, uint64(block.timestamp));
        vm.prank(owner);
        staking.bindOperator(vm.addr(0xBEEF), uint64(block.timestamp), consent);
        expectRefusal(offer, CREDIT, abi.encodeWithSelector(Errors.Staking_Inactive.selector, owner));
        offer.expiry += uint64(staking.ROTATION_DELAY());
        vm.warp(block.timestamp + staking.ROTATION_DELAY());
        expectRefusal(
            offer,
            CREDIT,
            abi.encodeWithSelector(Errors.Escrow_ForeignSigner.selector, vm.addr(0xBEEF), vm.addr(OPERATOR))
        );
        vm.prank(owner);
        staking.deregister();
        expectRefusal(offer, CREDIT, abi.encodeWithSelector(Errors.Staking_Inactive.selector, owner));
    }

    function test_ASessionKeepsItsOperatorWhenTheOwnerBindsAnother() public {
        (SessionParams memory params, bytes32 sessionId) = open(100 * CREDIT);
        bytes memory consent = signConsent(0xBEEF, owner, uint64(block.timestamp));
        vm.prank(owner);
        staking.bindOperator(vm.addr(0xBEEF), uint64(block.timestamp), consent);
        vm.warp(block.timestamp + staking.ROTATION_DELAY());
        assertTrue(staking.operatorOf(owner) == vm.addr(0xBEEF), "the next operator has not taken over");
        assertTrue(staking.operatorAt(owner, params.openedAt) == params.operator, "operator at the opening");
        close(params, finalState(sessionId, 1, 50 * CREDIT));
        assertStatus(sessionId, SessionStatus.Settled);
    }

    function test_AMiswiredEscrowIsRefused() public {
        vm.expectRevert(Errors.Escrow_Miswired.selector);
        new SlaEscrow(market, registry, staking, address(court));
    }
}
