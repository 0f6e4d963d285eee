// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {Service, ServiceParams} from "../types/ServiceTypes.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract ServiceRegistryTest is Fixture {
    uint256 private constant OPERATOR = 0xA11CE;

    function setUp() public {
        deploySystem();
    }

    /// A service reads back exactly as it was created, whatever came after it.
    function testFuzz_AServiceIsWhatItWasCreatedAs(ServiceParams memory params) public {
        ServiceParams memory good = defaultService();
        (params.paymentToken, params.curve) = (good.paymentToken, good.curve);
        params.royaltyBps %= 2_001;
        params.sla.toleranceBps %= 10_001;
        params.sla.rebateBps %= 10_001;
        params.sla.bondPenaltyBps %= 10_001;
        params.challengePeriod = uint32(bound(params.challengePeriod, 1 minutes, 30 days));
        if (params.meterVersion == 0) params.meterVersion = 1;
        uint256 id = createService(params);
        createService(good);
        Service memory service = registry.getService(id);
        Service memory expected = Service({
            publisher: publisher,
            codeHash: params.codeHash,
            codeCore: params.codeCore,
            royaltyBps: params.royaltyBps,
            paymentToken: params.paymentToken,
            tariff: params.tariff,
            sla: params.sla,
            challengePeriod: params.challengePeriod,
            minBondPerCredit: params.minBondPerCredit,
            meterVersion: params.meterVersion,
            curve: params.curve
        });
        assertTrue(keccak256(abi.encode(service)) == keccak256(abi.encode(expected)), "service");
        assertEq(registry.serviceCount(), 2, "count");
    }

    function test_IdsAreSequentialFromOne() public {
        assertEq(createService(defaultService()), 1, "first");
        assertEq(createService(defaultService()), 2, "second");
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_UnknownService.selector, 0));
        registry.getService(0);
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_UnknownService.selector, 3));
        registry.getService(3);
    }

    function test_TermsOutsideTheirRangesAreRefused() public {
        ServiceParams memory params = defaultService();
        params.sla.toleranceBps = 10_001;
        refuses(params, abi.encodeWithSelector(Errors.Registry_BpsTooHigh.selector, 10_001));
        params = defaultService();
        params.sla.rebateBps = 10_002;
        refuses(params, abi.encodeWithSelector(Errors.Registry_BpsTooHigh.selector, 10_002));
        params = defaultService();
        params.sla.bondPenaltyBps = 10_003;
        refuses(params, abi.encodeWithSelector(Errors.Registry_BpsTooHigh.selector, 10_003));
        params = defaultService();
        params.challengePeriod = 59;
        refuses(params, abi.encodeWithSelector(Errors.Registry_ChallengePeriodOutOfRange.selector, 59, 60, 30 days));
        params.challengePeriod = 30 days + 1;
        refuses(
            params,
            abi.encodeWithSelector(Errors.Registry_ChallengePeriodOutOfRange.selector, 30 days + 1, 60, 30 days)
        );
        params = defaultService();
        params.royaltyBps = 2_001;
        refuses(params, abi.encodeWithSelector(Errors.Market_RoyaltyTooHigh.selector, 2_001, 2_000));
        params = defaultService();
        params.meterVersion = 0;
        refuses(params, abi.encodeWithSelector(Errors.Registry_ZeroMeterVersion.selector));
        params = defaultService();
        params.curve.x1 = params.curve.x2;
        refuses(
            params,
            abi.encodeWithSelector(
                Errors.Curve_SupplyUnordered.selector,
                params.curve.x1,
                params.curve.x2,
                params.curve.x3
            )
        );
        assertEq(registry.serviceCount(), 0, "a refused service was created");
    }

    function test_TermsAtTheEndsOfTheirRangesAreTaken() public {
        ServiceParams memory params = defaultService();
        (params.sla.toleranceBps, params.sla.rebateBps, params.sla.bondPenaltyBps) = (10_000, 10_000, 10_000);
        (params.challengePeriod, params.royaltyBps) = (30 days, 2_000);
        assertEq(createService(params), 1, "greatest");
        (params.sla.toleranceBps, params.sla.rebateBps, params.sla.bondPenaltyBps) = (0, 0, 0);
        (params.challengePeriod, params.royaltyBps) = (1 minutes, 0);
        assertEq(createService(params), 2, "least");
    }

    function refuses(ServiceParams memory params, bytes memory reason) private {
        vm.expectRevert(reason);
        registry.createService(params);
    }

    function test_OnlyActiveProvidersEnrolAndOnce() public {
        uint256 id = createService(defaultService());
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_ProviderInactive.selector, address(this)));
        registry.enrol(id);
        address owner = startProvider(OPERATOR, id, MIN_STAKE);
        assertTrue(registry.isEnrolled(id, owner), "not enrolled");
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_AlreadyEnrolled.selector, id, owner));
        registry.enrol(id);
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_UnknownService.selector, id + 1));
        registry.enrol(id + 1);
        registry.resign(id);
        assertTrue(!registry.isEnrolled(id, owner), "enrolled");
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_NotEnrolled.selector, id, owner));
        registry.resign(id);
        vm.expectRevert(abi.encodeWithSelector(Errors.Registry_NotEnrolled.selector, id, owner));
        registry.sessionTerms(id, owner);
        registry.enrol(id);
        vm.stopPrank();
    }
}
