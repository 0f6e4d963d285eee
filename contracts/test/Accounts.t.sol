// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {SlaEscrow} from "../SlaEscrow.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {Offer, SessionParams, SessionState, SessionStatus} from "../types/SessionTypes.sol";
import {Wallet} from "./BuyWith.t.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {IFiatToken} from "./RealMoney.sol";
import {vm} from "./Vm.sol";

/// @title A wallet that holds credits and opens sessions in its own name.
contract HoldingWallet {
    function open(SlaEscrow escrow, Offer calldata offer, bytes calldata signature, address key) external {
        escrow.open(offer, signature, offer.minCredits, key, 1, block.timestamp);
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return IERC1155Receiver.onERC1155Received.selector;
    }
}

/// @title Who is a contract and who holds a key.
contract AccountsTest is PaymentFixture {
    uint256 private constant PAYER_KEY = 0xA11CE;
    uint256 private constant OPERATOR = 0x0B;
    uint256 private constant SESSION_KEY = 0x5E55;
    uint256 private id;
    address private owner;

    function setUp() public {
        deployAll();
        id = createService(defaultService());
        owner = startProvider(OPERATOR, id, 1_000_000e18);
    }

    function close(SessionParams memory params) private {
        SessionState memory s;
        s.sessionId = SessionHashes.sessionId(params);
        (s.seq, s.creditsUsed, s.isFinal) = (1, params.credits, true);
        escrow.close(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
        assertEq(uint8(escrow.getSession(s.sessionId).status), uint8(SessionStatus.Settled), "status");
    }

    // ---- wallets that are contracts ----

    function test_AWalletThatIsAContractOpensWithItsCredits() public {
        HoldingWallet wallet = new HoldingWallet();
        buy(address(wallet), id, 10 * CREDIT);
        Offer memory offer = makeOffer(id, owner);
        (offer.buyer, offer.minCredits) = (address(wallet), uint128(10 * CREDIT));
        SessionParams memory params = expectedParams(address(wallet), offer, OPERATOR, offer.minCredits, SESSION_KEY);
        wallet.open(escrow, offer, sign(OPERATOR, escrow.offerDigest(offer)), vm.addr(SESSION_KEY));
        close(params);
    }

    /// What its owner signed is its signature (ERC-1271), and anyone may send it.
    function test_AWalletThatIsAContractBuysAndOpensByItsSignature() public {
        Wallet wallet = new Wallet(vm.addr(PAYER_KEY));
        usd.mint(address(wallet), 1_000 * USD);
        wallet.approve(IFiatToken(address(usd)), address(PERMIT2));
        Offer memory offer = makeOffer(id, owner);
        SessionOrder memory order = sessionOrder(id, 10 * CREDIT, SESSION_KEY);
        Payment memory paid = payFor(offer, order, PaymentMethod.Permit2, PAYER_KEY);
        paid.payer = address(wallet);
        uint256 value = market.areaAt(id, 10 * CREDIT);
        (bytes32 sessionId, uint256 cost) = escrow.buyAndOpen(
            offer,
            sign(OPERATOR, escrow.offerDigest(offer)),
            order,
            paid
        );
        SessionParams memory params = expectedParams(
            address(wallet),
            offer,
            OPERATOR,
            order.credits,
            SESSION_KEY,
            value
        );
        assertTrue(sessionId == SessionHashes.sessionId(params), "session");
        assertEq(usd.balanceOf(address(wallet)), 1_000 * USD - cost, "wallet's money");
        close(params);
    }

    // ---- keys ----

    /// Session key and operator key are ECDSA keys committed at open: code that their accounts get later, whatever it says
    /// of signatures, takes nothing back of what was signed.
    function test_AnAccountThatGetsCodeCannotInvalidateWhatItSigned() public {
        address buyer = vm.addr(PAYER_KEY);
        buy(buyer, id, 10 * CREDIT);
        Offer memory offer = makeOffer(id, owner);
        SessionParams memory params = openSession(buyer, offer, OPERATOR, uint128(10 * CREDIT), SESSION_KEY);
        // A wallet of somebody else's: it says no to every signature of these keys.
        bytes memory code = address(new Wallet(owner)).code;
        vm.etch(vm.addr(OPERATOR), code);
        vm.etch(vm.addr(SESSION_KEY), code);
        close(params);
    }

    // ---- the stake token ----

    function test_TheStakeTokenHasPermitsAndIsNeverMintedAgain() public {
        address holder = vm.addr(PAYER_KEY);
        demec.transfer(holder, 100);
        Signing memory s;
        (s.key, s.token, s.spender) = (PAYER_KEY, address(demec), address(this));
        (s.maxCost, s.deadline) = (60, block.timestamp);
        bytes memory signature = signPermit(s);
        (bytes32 r, bytes32 vs) = abi.decode(signature, (bytes32, bytes32));
        demec.permit(holder, address(this), 60, block.timestamp, uint8(signature[64]), r, vs);
        demec.transferFrom(holder, address(this), 60);
        assertEq(demec.balanceOf(holder), 40, "holder");
        uint256 supply = demec.totalSupply();
        (bool ok, ) = address(demec).call(abi.encodeWithSignature("mint(address,uint256)", holder, 1));
        assertTrue(!ok, "minted");
        demec.burn(5);
        assertEq(demec.totalSupply(), supply - 5, "supply");
    }
}
