// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPermit2} from "../interfaces/IPermit2.sol";
import {Errors} from "../libraries/Errors.sol";
import {PaymentHashes} from "../libraries/PaymentHashes.sol";
import {BuyIntent, Payment, PaymentMethod} from "../types/PaymentTypes.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {IFiatToken, RealMoney} from "./RealMoney.sol";
import {vm} from "./Vm.sol";

/// @title A wallet that is a contract: what its owner signed is its signature (ERC-1271).
contract Wallet {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function approve(IFiatToken token, address spender) external {
        token.approve(spender, type(uint256).max);
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return ecrecover(digest, uint8(signature[64]), r, s) == _owner ? this.isValidSignature.selector : bytes4(0);
    }
}

contract BuyWithTest is PaymentFixture {
    uint256 private constant PAYER_KEY = 0xA11CE;
    address private constant STRANGER = address(0x57A);
    address private constant FRIEND = address(0xF1E);
    uint256 private id;
    address private payer;
    IFiatToken private usdc;

    function setUp() public {
        deployAll();
        usdc = RealMoney.deployUsdc();
        ServiceParams memory params = defaultService();
        params.paymentToken = address(usdc);
        id = createService(params);
        payer = vm.addr(PAYER_KEY);
        usdc.mint(payer, 1_000_000 * USD);
        allow(address(usdc), PAYER_KEY, PaymentMethod.Permit2, type(uint256).max);
    }

    function signedMethod(uint256 seed) private pure returns (PaymentMethod) {
        return seed % 2 == 0 ? PaymentMethod.Permit2 : PaymentMethod.Authorization;
    }

    /// Nothing of a refused purchase stays: the payer has its money, nobody has credits.
    function assertNothingMoved() private view {
        assertEq(usdc.balanceOf(payer), 1_000_000 * USD, "payer's money");
        assertEq(usdc.balanceOf(address(market)), 0, "market's money");
        assertEq(market.supplyOf(id), 0, "supply");
    }

    // ---- what is paid ----

    function testFuzz_EveryMethodBuysTheSameForTheSame(uint8 seed, uint256 credits, uint64 over) public {
        PaymentMethod method = PaymentMethod(seed % 4);
        BuyIntent memory intent = buyIntent(id, bound(credits, 1, 1_000_000 * CREDIT), FRIEND);
        uint256 cost = intent.maxCost;
        intent.maxCost += uint128(bound(over, 0, 900_000 * USD));
        allow(address(usdc), PAYER_KEY, method, type(uint256).max);
        Payment memory paid = payFor(intent, method, PAYER_KEY);
        vm.prank(payer);
        assertEq(market.buyWith(intent, paid), cost, "cost is not the quote");

        assertEq(accessToken.balanceOf(FRIEND, id), intent.credits, "credits");
        assertEq(market.supplyOf(id), intent.credits, "supply");
        assertEq(market.reserveOf(id), market.areaAt(id, intent.credits), "reserve is not R(supply)");
        uint256 excess = method == PaymentMethod.Authorization ? intent.maxCost - cost : 0;
        assertEq(market.claimOf(address(usdc), payer), excess, "excess is not the payer's claim");
        assertEq(usdc.balanceOf(payer), 1_000_000 * USD - cost - excess, "paid");
        assertEq(usdc.balanceOf(address(market)), owed(id, address(usdc), [payer, FRIEND]), "market's balance");
        if (excess == 0) return;
        vm.prank(payer);
        market.withdraw(address(usdc), payer);
        assertEq(usdc.balanceOf(payer), 1_000_000 * USD - cost, "excess is not the payer's");
    }

    /// The curve moved between signing and mining: the signer pays the new price within its limit, and never more.
    function test_ASignedPurchasePaysThePriceOfTheMomentUpToItsLimit() public {
        for (uint256 i = 0; i < 2; ++i) {
            BuyIntent memory intent = buyIntent(id, 100 * CREDIT, payer);
            Payment memory paid = payFor(intent, signedMethod(i), PAYER_KEY);
            usdc.mint(STRANGER, 1_000_000 * USD);
            vm.startPrank(STRANGER);
            usdc.approve(address(market), type(uint256).max);
            market.buy(id, 400_000 * CREDIT, type(uint256).max, STRANGER, block.timestamp);
            (uint256 cost, , ) = market.quoteBuy(id, 100 * CREDIT);
            vm.expectRevert(abi.encodeWithSelector(Errors.Market_CostAboveLimit.selector, cost, intent.maxCost));
            market.buyWith(intent, paid);
            market.sell(id, 400_000 * CREDIT, 0, STRANGER, block.timestamp);
            assertAtMost(market.buyWith(intent, paid), intent.maxCost, "paid beyond the limit");
            vm.stopPrank();
        }
    }

    // ---- who may send it ----

    function testFuzz_AStrangerWhoRelaysDoesWhatThePayerSignedForThePayer(uint8 seed, uint64 credits) public {
        BuyIntent memory intent = buyIntent(id, uint256(credits) + 1, FRIEND);
        Payment memory paid = payFor(intent, signedMethod(seed), PAYER_KEY);
        vm.prank(STRANGER);
        uint256 cost = market.buyWith(intent, paid);
        assertEq(accessToken.balanceOf(FRIEND, id), intent.credits, "recipient's credits");
        assertEq(accessToken.balanceOf(STRANGER, id), 0, "stranger's credits");
        assertEq(market.claimOf(address(usdc), STRANGER) + usdc.balanceOf(STRANGER), 0, "stranger's money");
        assertEq(usdc.balanceOf(payer) + cost, 1_000_000 * USD, "payer's money");
    }

    function test_OnlyThePayerSpendsItsAllowanceOrItsPermit() public {
        for (uint256 i = 0; i < 2; ++i) {
            allow(address(usdc), PAYER_KEY, PaymentMethod(i), type(uint256).max);
            BuyIntent memory intent = buyIntent(id, CREDIT, STRANGER);
            Payment memory paid = payFor(intent, PaymentMethod(i), PAYER_KEY);
            vm.expectRevert(abi.encodeWithSelector(Errors.Payment_ForeignPayer.selector, payer, STRANGER));
            vm.prank(STRANGER);
            market.buyWith(intent, paid);
        }
        assertNothingMoved();
    }

    /// A signature of one payer draws nothing from another.
    function test_ASignatureIsWorthNothingInAnotherPayersName() public {
        address rich = vm.addr(0xB16);
        usdc.mint(rich, 1_000 * USD);
        allow(address(usdc), 0xB16, PaymentMethod.Permit2, type(uint256).max);
        BuyIntent memory intent = buyIntent(id, CREDIT, STRANGER);
        Payment memory paid = payFor(intent, PaymentMethod.Permit2, PAYER_KEY);
        paid.payer = rich;
        vm.expectRevert(IPermit2.InvalidSigner.selector);
        market.buyWith(intent, paid);
        paid = payFor(intent, PaymentMethod.Authorization, PAYER_KEY);
        paid.payer = rich;
        vm.expectPartialRevert(Errors.Payment_AuthorizationRefused.selector);
        market.buyWith(intent, paid);
        assertNothingMoved();
    }

    // ---- what a signature binds ----

    /// Whatever field of the intent a thief changes, service included, the signature he lifted pays for nothing.
    function testFuzz_ALiftedSignatureIsWorthlessUnderAnyOtherIntent(uint8 seed, uint8 field, uint64 change) public {
        ServiceParams memory params = defaultService();
        params.paymentToken = address(usdc);
        uint256 other = createService(params);
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
        intent.maxCost *= 2;
        PaymentMethod method = signedMethod(seed);
        Payment memory paid = payFor(intent, method, PAYER_KEY);
        change = uint64(bound(change, 1, CREDIT));
        field = field % 6;
        if (field == 0) intent.serviceId = other;
        if (field == 1) intent.credits += change;
        if (field == 2) intent.maxCost += change;
        if (field == 3) intent.recipient = address(uint160(change));
        if (field == 4) intent.deadline += change;
        if (field == 5) intent.nonce += change;
        if (method == PaymentMethod.Permit2) vm.expectRevert(IPermit2.InvalidSigner.selector);
        else vm.expectPartialRevert(Errors.Payment_AuthorizationRefused.selector);
        vm.prank(STRANGER);
        market.buyWith(intent, paid);
        assertNothingMoved();
    }

    function test_ASignedPurchaseHappensOnce() public {
        for (uint256 i = 0; i < 2; ++i) {
            BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
            intent.maxCost *= 2;
            Payment memory paid = payFor(intent, signedMethod(i), PAYER_KEY);
            market.buyWith(intent, paid);
            uint256 balance = usdc.balanceOf(payer);
            if (i == 0) vm.expectRevert(IPermit2.InvalidNonce.selector);
            else vm.expectRevert(authorizationRefused("FiatTokenV2: authorization is used or canceled"));
            market.buyWith(intent, paid);
            assertEq(usdc.balanceOf(payer), balance, "paid twice");
        }
    }

    function test_ASignatureIsForOneChainOneMarketAndOneToken() public {
        IFiatToken otherToken = RealMoney.deployUsdc();
        for (uint256 i = 0; i < 2; ++i) {
            BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
            Signing memory good = signing(intent, PAYER_KEY);
            PaymentMethod method = signedMethod(i);
            bytes4 refusal = i == 0 ? IPermit2.InvalidSigner.selector : Errors.Payment_AuthorizationRefused.selector;

            uint256 here = block.chainid;
            vm.chainId(here + 1);
            Payment memory elsewhere = payment(method, good);
            vm.chainId(here);
            vm.expectPartialRevert(refusal);
            market.buyWith(intent, elsewhere);

            Signing memory foreign = signing(intent, PAYER_KEY);
            foreign.spender = address(0xBEEF);
            Payment memory otherMarket = payment(method, foreign);
            vm.expectPartialRevert(refusal);
            market.buyWith(intent, otherMarket);

            foreign.spender = address(market);
            foreign.token = address(otherToken);
            Payment memory inOtherToken = payment(method, foreign);
            vm.expectPartialRevert(refusal);
            market.buyWith(intent, inOtherToken);
            assertEq(market.supplyOf(id), i * 10 * CREDIT, "something was bought");
            market.buyWith(intent, payment(method, good));
        }
    }

    /// Seen in the mempool, the signature moves nothing past the market: not to the market without a purchase, not elsewhere.
    function test_NobodyButTheMarketCanUseASignature() public {
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
        Signing memory s = signing(intent, PAYER_KEY);
        bytes memory signature = signPermit2(s);
        vm.startPrank(STRANGER);
        vm.expectRevert(IPermit2.InvalidSigner.selector);
        PERMIT2.permitWitnessTransferFrom(
            IPermit2.PermitTransferFrom(IPermit2.TokenPermissions(s.token, s.maxCost), s.nonce, s.deadline),
            IPermit2.SignatureTransferDetails(STRANGER, s.maxCost),
            payer,
            s.intentHash,
            PaymentHashes.buyWitnessType(),
            signature
        );
        signature = signAuthorization(s);
        (bytes32 r, bytes32 vs) = abi.decode(signature, (bytes32, bytes32));
        uint8 v = uint8(signature[64]);
        vm.expectRevert(bytes(abi.encodeWithSignature("Error(string)", "FiatTokenV2: caller must be the payee")));
        usdc.receiveWithAuthorization(payer, address(market), s.maxCost, 0, s.deadline + 1, s.intentHash, v, r, vs);
        vm.expectRevert(bytes(abi.encodeWithSignature("Error(string)", "FiatTokenV2: invalid signature")));
        usdc.transferWithAuthorization(payer, address(market), s.maxCost, 0, s.deadline + 1, s.intentHash, v, r, vs);
        vm.stopPrank();
        assertNothingMoved();
    }

    function test_ASignaturePastItsDeadlineBuysNothing() public {
        for (uint256 i = 0; i < 2; ++i) {
            BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
            Payment memory paid = payFor(intent, signedMethod(i), PAYER_KEY);
            vm.warp(intent.deadline + 1);
            vm.expectRevert(
                abi.encodeWithSelector(
                    Errors.Market_DeadlinePassed.selector,
                    intent.deadline,
                    uint256(intent.deadline) + 1
                )
            );
            market.buyWith(intent, paid);
            vm.warp(intent.deadline);
            market.buyWith(intent, paid);
        }
    }

    // ---- permits ----

    /// Whoever sees a permit in the mempool may use it before its owner: that gives the allowance, and the purchase goes on.
    function test_APermitThatSomeoneElseUsedIsNoFailure() public {
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
        Payment memory paid = payFor(intent, PaymentMethod.Permit, PAYER_KEY);
        bytes memory signature = paid.signature;
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        vm.prank(STRANGER);
        usdc.permit(payer, address(market), intent.maxCost, intent.deadline, uint8(signature[64]), r, s);
        vm.prank(payer);
        market.buyWith(intent, paid);
        assertEq(accessToken.balanceOf(payer, id), 10 * CREDIT, "credits");
        assertEq(usdc.allowance(payer, address(market)), 0, "allowance left");
    }

    function test_APermitThatGivesNothingIsRefused() public {
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
        Payment memory paid = payFor(intent, PaymentMethod.Permit, 0xBAD);
        paid.payer = payer;
        vm.expectRevert(abi.encodeWithSelector(Errors.Payment_PermitRefused.selector, address(usdc), payer));
        vm.prank(payer);
        market.buyWith(intent, paid);
        assertNothingMoved();
        // An allowance of exactly the cost, given in time, is as good.
        allow(address(usdc), PAYER_KEY, PaymentMethod.Allowance, intent.maxCost);
        vm.prank(payer);
        market.buyWith(intent, paid);
        assertEq(accessToken.balanceOf(payer, id), 10 * CREDIT, "credits");
    }

    // ---- what is malformed or missing ----

    function test_SignaturesOfTheWrongLengthAreRefused() public {
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, payer);
        bytes[3] memory malformed = [bytes(""), new bytes(64), new bytes(66)];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory expected = abi.encodeWithSelector(
                Errors.Payment_SignatureLength.selector,
                malformed[i].length
            );
            vm.expectRevert(expected);
            market.buyWith(intent, Payment(PaymentMethod.Authorization, payer, malformed[i]));
            vm.expectRevert(expected);
            vm.prank(payer);
            market.buyWith(intent, Payment(PaymentMethod.Permit, payer, malformed[i]));
        }
        vm.expectRevert(IPermit2.InvalidSignatureLength.selector);
        market.buyWith(intent, Payment(PaymentMethod.Permit2, payer, malformed[2]));
        assertNothingMoved();
    }

    function test_AChainWithoutPermit2SaysSo() public {
        BuyIntent memory intent = buyIntent(id, CREDIT, payer);
        Payment memory paid = payFor(intent, PaymentMethod.Permit2, PAYER_KEY);
        vm.etch(address(PERMIT2), "");
        vm.expectRevert(abi.encodeWithSelector(Errors.Payment_NoPermit2.selector, address(PERMIT2)));
        market.buyWith(intent, paid);
        assertNothingMoved();
    }

    function test_TheSameRefusalsAsOfAPlainPurchase() public {
        BuyIntent memory intent = buyIntent(id, CREDIT, payer);
        intent.credits = 0;
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_ZeroCredits.selector, id));
        market.buyWith(intent, Payment(PaymentMethod.Allowance, payer, ""));
        intent.credits = 1;
        intent.serviceId = id + 1;
        vm.expectRevert(abi.encodeWithSelector(Errors.Market_UnknownService.selector, id + 1));
        market.buyWith(intent, Payment(PaymentMethod.Allowance, payer, ""));
        intent.serviceId = id;
        intent.credits = uint128(type(uint96).max) + 1;
        vm.expectPartialRevert(Errors.Market_SupplyTooLarge.selector);
        market.buyWith(intent, Payment(PaymentMethod.Allowance, payer, ""));
        assertNothingMoved();
    }

    // ---- wallets ----

    function test_AWalletThatIsAContractPaysByPermit2() public {
        Wallet wallet = new Wallet(payer);
        usdc.mint(address(wallet), 1_000 * USD);
        wallet.approve(usdc, address(PERMIT2));
        BuyIntent memory intent = buyIntent(id, 10 * CREDIT, FRIEND);
        Payment memory paid = payFor(intent, PaymentMethod.Permit2, PAYER_KEY);
        paid.payer = address(wallet);
        vm.prank(STRANGER);
        uint256 cost = market.buyWith(intent, paid);
        assertEq(usdc.balanceOf(address(wallet)), 1_000 * USD - cost, "wallet's money");
        assertEq(usdc.balanceOf(payer), 1_000_000 * USD, "owner's money");
        paid.signature = payFor(intent, PaymentMethod.Permit2, 0xBAD).signature;
        intent.nonce++;
        vm.expectRevert(IPermit2.InvalidContractSignature.selector);
        market.buyWith(intent, paid);
    }

    function authorizationRefused(string memory reason) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                Errors.Payment_AuthorizationRefused.selector,
                address(usdc),
                payer,
                abi.encodeWithSignature("Error(string)", reason)
            );
    }
}
