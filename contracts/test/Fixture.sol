// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessToken} from "../AccessToken.sol";
import {Administration} from "../Administration.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {DelegatedStake} from "../DelegatedStake.sol";
import {DemecToken} from "../DemecToken.sol";
import {FaultCourt} from "../FaultCourt.sol";
import {Guardian} from "../Guardian.sol";
import {ProviderStaking} from "../ProviderStaking.sol";
import {ServiceRegistry} from "../ServiceRegistry.sol";
import {SlaEscrow} from "../SlaEscrow.sol";
import {IDelegatedStake} from "../interfaces/IDelegatedStake.sol";
import {IPermit2} from "../interfaces/IPermit2.sol";
import {SessionHashes} from "../libraries/SessionHashes.sol";
import {CurvePoints, ServiceParams, SlaTerms} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {MockUsd} from "./MockUsd.sol";
import {Assertions, vm} from "./Vm.sol";

/// @title The whole system, wired as in production, with helpers to play its people.
abstract contract Fixture is Assertions {
    uint256 internal constant CREDIT = 1e18;
    uint256 internal constant USD = 1e6;
    uint256 internal constant MIN_STAKE = 1_000e18;
    uint256 internal constant UNBONDING_DELAY = 7 days;
    uint256 internal constant PROTOCOL_FEE_BPS = 50;
    /// @dev Where Permit2 is on every chain that has it; here only where a test has put it.
    IPermit2 internal constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);
    uint32 internal constant CHALLENGE_PERIOD = 1 hours;
    uint256 internal constant GRACE = 1 days;
    uint32 internal constant ADMIN_DELAY = 12 hours;

    DemecToken internal demec;
    ProviderStaking internal staking;
    ServiceRegistry internal registry;
    AccessToken internal accessToken;
    BezierMarket internal market;
    SlaEscrow internal escrow;
    FaultCourt internal court;
    Administration internal administration;
    Guardian internal guardian;
    MockUsd internal usd;

    address internal treasury = address(0x7EA5);
    address internal publisher = address(0x9B11);
    address internal admin = address(0xAD1);
    address internal pauser = address(0x9A5E);
    uint256 private _nextNonce;

    function deploySystem() internal {
        uint256 nonce = vm.getNonce(address(this));
        address marketAddress = vm.computeCreateAddress(address(this), nonce + 4);
        address escrowAddress = vm.computeCreateAddress(address(this), nonce + 5);
        demec = new DemecToken(address(this), 1e27);
        staking = new ProviderStaking(
            demec,
            escrowAddress,
            IDelegatedStake(vm.computeCreateAddress(address(this), nonce + 9)),
            MIN_STAKE,
            UNBONDING_DELAY
        );
        registry = new ServiceRegistry(
            staking,
            BezierMarket(marketAddress),
            vm.computeCreateAddress(address(this), nonce + 7)
        );
        accessToken = new AccessToken(marketAddress, "");
        market = new BezierMarket(accessToken, address(registry), escrowAddress, treasury, PROTOCOL_FEE_BPS, PERMIT2);
        escrow = new SlaEscrow(market, registry, staking, vm.computeCreateAddress(address(this), nonce + 6));
        court = new FaultCourt(escrow, GRACE);
        guardian = new Guardian(vm.computeCreateAddress(address(this), nonce + 8), market, registry);
        administration = new Administration(admin, pauser, guardian, court, ADMIN_DELAY);
        new DelegatedStake(staking);
        usd = new MockUsd();
        vm.warp(1_800_000_000);
    }

    function delegation() internal view returns (DelegatedStake) {
        return DelegatedStake(address(staking.delegatedStake()));
    }

    // ---- services ----

    /// @dev From $0.01 to $0.10 a credit over a million credits.
    function defaultCurve() internal pure returns (CurvePoints memory) {
        return
            CurvePoints({
                x1: uint96(300_000 * CREDIT),
                x2: uint96(700_000 * CREDIT),
                x3: uint96(1_000_000 * CREDIT),
                y0: uint128((USD / 100) * 1e18),
                y1: uint128((USD / 100) * 1e18),
                y2: uint128((USD / 10) * 1e18),
                y3: uint128((USD / 10) * 1e18)
            });
    }

    function defaultService() internal view returns (ServiceParams memory params) {
        params.codeHash = keccak256("code");
        params.codeCore = keccak256("core");
        params.royaltyBps = 250;
        params.paymentToken = address(usd);
        params.sla = SlaTerms({maxLatencyMs: 500, toleranceBps: 100, rebateBps: 5_000, bondPenaltyBps: 2_000});
        params.challengePeriod = CHALLENGE_PERIOD;
        params.minBondPerCredit = 0.1e18;
        params.meterVersion = 1;
        params.curve = defaultCurve();
    }

    function createService(ServiceParams memory params) internal returns (uint256) {
        vm.prank(publisher);
        return registry.createService(params);
    }

    // ---- people ----

    /// @dev The operator's key is `key`, the owner's account that of `key + 1`.
    function startProvider(uint256 key, uint256 serviceId, uint256 amount) internal returns (address owner) {
        owner = vm.addr(key + 1);
        demec.transfer(owner, amount);
        bytes memory consent = signConsent(key, owner, uint64(block.timestamp));
        vm.startPrank(owner);
        demec.approve(address(staking), amount);
        staking.stake(amount);
        staking.register(vm.addr(key), uint64(block.timestamp), consent, keccak256("node"), new string[](0));
        registry.enrol(serviceId);
        vm.stopPrank();
    }

    function signConsent(uint256 key, address owner, uint64 deadline) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("OperatorConsent(address owner,address operator,uint256 nonce,uint64 deadline)"),
                owner,
                vm.addr(key),
                staking.consentNonce(owner),
                deadline
            )
        );
        return sign(key, digestFor(address(staking), structHash));
    }

    function fund(address account, uint256 amount) internal {
        usd.mint(account, amount);
        vm.prank(account);
        usd.approve(address(market), type(uint256).max);
    }

    function buy(address buyer, uint256 serviceId, uint256 credits) internal returns (uint256 cost) {
        (cost, , ) = market.quoteBuy(serviceId, credits);
        fund(buyer, cost);
        vm.prank(buyer);
        assertEq(market.buy(serviceId, credits, cost, buyer, block.timestamp), cost, "cost is not the quote");
    }

    // ---- sessions ----

    function makeOffer(uint256 serviceId, address provider) internal returns (Offer memory offer) {
        offer.serviceId = serviceId;
        offer.provider = provider;
        offer.minCredits = 1;
        offer.maxCredits = type(uint128).max;
        offer.bondPerCredit = 1e18;
        offer.expiry = uint64(block.timestamp + 1 hours);
        offer.nonce = _nextNonce++;
    }

    function openSession(
        address buyer,
        Offer memory offer,
        uint256 operatorKey,
        uint128 credits,
        uint256 sessionKey
    ) internal returns (SessionParams memory params) {
        bytes memory signature = sign(operatorKey, escrow.offerDigest(offer));
        params = expectedParams(buyer, offer, operatorKey, credits, sessionKey);
        vm.prank(buyer);
        bytes32 sessionId = escrow.open(offer, signature, credits, vm.addr(sessionKey), 1, block.timestamp);
        assertTrue(sessionId == SessionHashes.sessionId(params), "session id is not the hash of its parameters");
    }

    /// @dev What the static part must be, from what can be known before.
    function expectedParams(
        address buyer,
        Offer memory offer,
        uint256 operatorKey,
        uint128 credits,
        uint256 sessionKey
    ) internal view returns (SessionParams memory) {
        uint256 value = market.quoteSell(offer.serviceId, credits);
        return expectedParams(buyer, offer, operatorKey, credits, sessionKey, value);
    }

    function expectedParams(
        address buyer,
        Offer memory offer,
        uint256 operatorKey,
        uint128 credits,
        uint256 sessionKey,
        uint256 value
    ) internal view returns (SessionParams memory params) {
        params.offerDigest = escrow.offerDigest(offer);
        params.serviceId = offer.serviceId;
        params.provider = offer.provider;
        params.operator = vm.addr(operatorKey);
        params.buyer = buyer;
        params.sessionKey = vm.addr(sessionKey);
        params.paymentToken = registry.getService(offer.serviceId).paymentToken;
        params.credits = credits;
        params.value = uint128(value);
        params.bond = uint128((uint256(credits) * offer.bondPerCredit + CREDIT - 1) / CREDIT);
        params.openedAt = uint64(block.timestamp);
        params.challengePeriod = registry.getService(offer.serviceId).challengePeriod;
        SlaTerms memory sla = registry.getService(offer.serviceId).sla;
        (params.toleranceBps, params.rebateBps, params.bondPenaltyBps) = (
            sla.toleranceBps,
            sla.rebateBps,
            sla.bondPenaltyBps
        );
        params.demandMaxInputBytes = offer.demandMaxInputBytes;
        params.demandWindow = offer.demandWindow;
        params.demandDeposit = offer.demandDeposit;
    }

    function signState(uint256 key, SessionState memory state) internal view returns (bytes memory) {
        return sign(key, escrow.stateDigest(state));
    }

    // ---- signatures ----

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function digestFor(address verifyingContract, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("deMEC"),
                keccak256("1"),
                block.chainid,
                verifyingContract
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
