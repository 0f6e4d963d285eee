// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Administration} from "../Administration.sol";
import {Guardian} from "../Guardian.sol";
import {Errors} from "../libraries/Errors.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {ServiceParams} from "../types/ServiceTypes.sol";
import {Testimony} from "../types/FaultTypes.sol";
import {DemandRefusal, Offer, SessionParams, SessionState, SessionStatus} from "../types/SessionTypes.sol";
import {FaultFixture} from "./FaultFixture.sol";
import {vm} from "./Vm.sol";

contract AdministrationTest is FaultFixture {
    function pause() private {
        vm.prank(pauser);
        guardian.pause();
    }

    function retire(uint16 meterVersion) private {
        schedule(abi.encodeCall(guardian.retireMeterVersion, (meterVersion)));
        vm.warp(block.timestamp + ADMIN_DELAY);
        vm.prank(admin);
        guardian.retireMeterVersion(meterVersion);
    }

    function schedule(bytes memory call) private {
        vm.prank(admin);
        administration.schedule(address(guardian), call, 0);
    }

    // ---- pause ----

    function test_APauseStopsNewPurchasesAndSessions() public {
        Offer memory offer = makeOffer(id, owner);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        fund(BUYER, 1_000 * USD);
        pause();
        assertTrue(market.isPaused(), "paused");
        vm.startPrank(BUYER);
        vm.expectRevert(Errors.Market_Paused.selector);
        market.buy(id, CREDIT, 1_000 * USD, BUYER, block.timestamp);
        vm.expectRevert(Errors.Market_Paused.selector);
        escrow.open(offer, signature, uint128(CREDIT), vm.addr(SESSION_KEY), 1, block.timestamp);
        Payment memory paid = Payment(PaymentMethod.Allowance, BUYER, "");
        uint64 deadline = uint64(block.timestamp);
        vm.expectRevert(Errors.Market_Paused.selector);
        market.buyWith(BuyIntent(id, uint128(CREDIT), uint128(1_000 * USD), BUYER, deadline, 0), paid);
        vm.expectRevert(Errors.Market_Paused.selector);
        escrow.buyAndOpen(
            offer,
            signature,
            SessionOrder(uint128(CREDIT), vm.addr(SESSION_KEY), uint128(1_000 * USD), 1, deadline, 0),
            paid
        );
        vm.stopPrank();

        schedule(abi.encodeCall(guardian.unpause, ()));
        vm.warp(block.timestamp + ADMIN_DELAY);
        vm.prank(admin);
        guardian.unpause();
        buy(BUYER, id, CREDIT);
        open(CREDIT);
    }

    function test_APauseStopsNoSaleAndNoWithdrawal() public {
        pause();
        vm.startPrank(BUYER);
        market.sell(id, CREDIT, 1, BUYER, block.timestamp);
        market.sellAndWithdraw(id, CREDIT, 1, BUYER, block.timestamp);
        market.sellToPrice(id, 1, CREDIT, BUYER, block.timestamp);
        market.transferClaim(address(usd), WATCHTOWER, 1);
        market.withdraw(address(usd), BUYER);
        vm.stopPrank();
        assertTrue(market.isPaused(), "a sale ended the pause");
    }

    function test_APauseStopsNoCollectingClosingChallengingFinishingAndSettling() public {
        (SessionParams memory one, bytes32 oneId) = open(100 * CREDIT);
        (SessionParams memory two, bytes32 twoId) = open(100 * CREDIT);
        pause();
        collect(one, state(oneId, 1, 10 * CREDIT));
        startClosing(BUYER, one, state(oneId, 2, 20 * CREDIT));
        SessionState memory s = state(oneId, 3, 30 * CREDIT);
        challenge(owner, one, s);
        vm.warp(deadlineOf(oneId));
        escrow.finish(one, s);
        close(two, finalState(twoId, 1, 50 * CREDIT));
        assertStatus(oneId, SessionStatus.Settled);
        assertStatus(twoId, SessionStatus.Settled);
    }

    function test_APauseStopsNoDemandNoAnswerAndNoReport() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        pause();
        makeDemand(params);
        DemandRefusal memory refusal = refusalFor(sessionId);
        court.refuseDemand(params, refusal, signRefusal(OPERATOR, refusal));
        makeDemand(params);
        vm.warp(block.timestamp + WINDOW);
        court.expireDemand(params);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        court.reportContradiction(a, b);
        vm.warp(block.timestamp + GRACE);
        court.enforceContradiction(params);
    }

    function test_APauseStopsNoUnstaking() public {
        pause();
        vm.startPrank(owner);
        staking.requestUnstake(CREDIT);
        vm.warp(block.timestamp + UNBONDING_DELAY);
        staking.withdraw(owner);
        registry.resign(id);
        staking.deregister();
        vm.stopPrank();
    }

    // ---- retired meters ----

    function test_ARetiredMeterVersionGetsNoNewServicesAndSessions() public {
        Offer memory offer = makeOffer(id, owner);
        offer.expiry = uint64(block.timestamp + 30 days);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        retire(1);
        assertTrue(registry.isMeterVersionRetired(1), "retired");
        ServiceParams memory service = defaultService();
        bytes memory refused = abi.encodeWithSelector(Errors.Registry_MeterVersionRetired.selector, 1);
        vm.expectRevert(refused);
        registry.createService(service);
        vm.expectRevert(refused);
        vm.prank(BUYER);
        escrow.open(offer, signature, uint128(CREDIT), vm.addr(SESSION_KEY), 1, block.timestamp);
        service.meterVersion = 2;
        createService(service);
        // What was bought can be sold.
        vm.prank(BUYER);
        market.sell(id, CREDIT, 1, BUYER, block.timestamp);
    }

    function test_ABugInARetiredMeterNeverSlashes() public {
        (SessionParams memory params, bytes32 sessionId) = openDemandable(100 * CREDIT);
        (Testimony memory a, Testimony memory b) = contradict(params, params);
        court.reportContradiction(a, b);
        // The delay of the administration is shorter than the grace: there was time.
        retire(1);
        bytes memory retired = abi.encodeWithSelector(Errors.Court_MeterVersionRetired.selector, 1);
        vm.warp(block.timestamp + GRACE);
        vm.expectRevert(retired);
        court.enforceContradiction(params);
        vm.expectRevert(retired);
        court.reportContradiction(a, b);
        // Silence ends the session, and that is all.
        makeDemand(params);
        vm.warp(block.timestamp + WINDOW);
        court.expireDemand(params);
        assertStatus(sessionId, SessionStatus.Closing);
        assertEq(staked(), STAKE, "stake");
        assertEq(claim(BUYER), DEPOSIT, "deposit");
    }

    /// One of the two is enough: it is the same execution, so the same meter.
    function test_AContradictionWithAReceiptOfARetiredMeterIsNone() public {
        ServiceParams memory service = defaultService();
        service.meterVersion = 2;
        uint256 newer = createService(service);
        vm.prank(owner);
        registry.enrol(newer);
        buy(BUYER, newer, CREDIT);
        (SessionParams memory one, ) = open(CREDIT);
        SessionParams memory two = openSession(BUYER, makeOffer(newer, owner), OPERATOR, uint128(CREDIT), SESSION_KEY);
        retire(2);
        (Testimony memory a, Testimony memory b) = contradict(one, two);
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_MeterVersionRetired.selector, 2));
        court.reportContradiction(a, b);
    }

    // ---- who, and after which delay ----

    function test_OnlyThePauserPausesAndOnlyTheAdminResumesAndRetiresAfterTheDelay() public {
        bytes[3] memory calls = [
            abi.encodeCall(guardian.pause, ()),
            abi.encodeCall(guardian.unpause, ()),
            abi.encodeCall(guardian.retireMeterVersion, (1))
        ];
        address[4] memory people = [address(this), publisher, admin, pauser];
        for (uint256 i = 0; i < calls.length; ++i) {
            for (uint256 k = 0; k < people.length; ++k) {
                vm.prank(people[k]);
                (bool ok, ) = address(guardian).call(calls[i]);
                assertTrue(ok == (i == 0 && people[k] == pauser), "who may");
            }
        }
        schedule(calls[1]);
        vm.warp(block.timestamp + ADMIN_DELAY - 1);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotReady.selector);
        vm.prank(admin);
        guardian.unpause();
        vm.warp(block.timestamp + 1);
        vm.prank(admin);
        guardian.unpause();
        assertTrue(!market.isPaused(), "paused");
    }

    /// Whoever deployed has no right; the admin changes a rule only after announcing it.
    function test_TheRulesThemselvesChangeOnlyAfterTheDelay() public {
        (bool isMember, ) = administration.hasRole(0, address(this));
        assertTrue(!isMember, "the deployer is an admin");
        bytes memory call = abi.encodeCall(administration.grantRole, (uint64(1), publisher, uint32(0)));
        vm.startPrank(admin);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        administration.grantRole(1, publisher, 0);
        administration.schedule(address(administration), call, 0);
        vm.warp(block.timestamp + ADMIN_DELAY);
        administration.grantRole(1, publisher, 0);
        vm.stopPrank();
        vm.prank(publisher);
        guardian.pause();
    }

    function test_MarketAndRegistryListenToTheGuardianAlone() public {
        address[3] memory people = [admin, pauser, address(administration)];
        for (uint256 i = 0; i < people.length; ++i) {
            vm.startPrank(people[i]);
            vm.expectRevert(abi.encodeWithSelector(Errors.Market_Forbidden.selector, people[i]));
            market.setPaused(true);
            vm.expectRevert(abi.encodeWithSelector(Errors.Registry_Forbidden.selector, people[i]));
            registry.retireMeterVersion(1);
            vm.stopPrank();
        }
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        guardian.setAuthority(address(this));
    }

    function test_AMiswiredGuardianAndATooSlowAdministrationAreRefused() public {
        vm.expectRevert(Errors.Guardian_Miswired.selector);
        new Guardian(address(administration), market, registry);
        vm.expectRevert(abi.encodeWithSelector(Errors.Administration_DelayTooLong.selector, GRACE, GRACE));
        new Administration(admin, pauser, guardian, court, uint32(GRACE));
    }

    /// Not a second later, and with exactly the delays that were announced.
    function test_TheRulesStandFromTheFirstBlockOn() public {
        Administration fresh = new Administration(admin, pauser, guardian, court, ADMIN_DELAY);
        uint64[3] memory roles = [
            administration.ADMIN_ROLE(),
            administration.STEWARD_ROLE(),
            administration.PAUSER_ROLE()
        ];
        for (uint256 i = 0; i < 3; ++i) {
            (bool isMember, uint32 delay) = fresh.hasRole(roles[i], i < 2 ? admin : pauser);
            assertTrue(isMember, "no member");
            assertEq(delay, i < 2 ? ADMIN_DELAY : 0, "delay");
            (isMember, ) = fresh.hasRole(roles[i], address(this));
            assertTrue(!isMember, "who deployed is a member");
        }
    }

    /// Each of the guardian's functions has the role that is announced for it, and no other.
    function test_EachFunctionHasItsRole() public view {
        bytes4[3] memory selectors = [
            guardian.pause.selector,
            guardian.unpause.selector,
            guardian.retireMeterVersion.selector
        ];
        for (uint256 i = 0; i < 3; ++i) {
            uint64 expected = i == 0 ? administration.PAUSER_ROLE() : administration.STEWARD_ROLE();
            assertEq(administration.getTargetFunctionRole(address(guardian), selectors[i]), expected, "role");
        }
    }
}
