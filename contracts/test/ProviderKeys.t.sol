// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProviderKeySet} from "../interfaces/IProviderKeys.sol";
import {Errors} from "../libraries/Errors.sol";
import {RegionPath} from "../libraries/RegionPath.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract ProviderKeysTest is Fixture {
    uint256 private constant KEY = 0xA11CE;
    uint256 private constant NEXT = 0xBEEF;
    uint256 private constant THIRD = 0xCAFE;
    uint256 private constant DELAY = 1 days;
    bytes32 private constant NODE = keccak256("node");
    address private owner;

    function setUp() public {
        deploySystem();
        owner = startProvider(KEY, createService(defaultService()), 5_000e18);
        vm.warp(block.timestamp + 1);
    }

    function bind(uint256 key) private {
        bytes memory consent = signConsent(key, owner, uint64(block.timestamp));
        vm.prank(owner);
        staking.bindOperator(vm.addr(key), uint64(block.timestamp), consent);
    }

    function assertOperator(uint256 key, string memory when) private view {
        assertTrue(staking.operatorOf(owner) == (key == 0 ? address(0) : vm.addr(key)), when);
    }

    function assertOperatorAt(uint256 time, uint256 key, string memory when) private view {
        assertTrue(staking.operatorAt(owner, time) == (key == 0 ? address(0) : vm.addr(key)), when);
    }

    // ---- operator ----

    function test_AnotherOperatorTakesOverAfterTheRotationDelayAndNotBefore() public {
        uint256 announced = block.timestamp;
        bind(NEXT);
        ProviderKeySet memory keys = staking.getKeys(owner);
        assertTrue(keys.nextOperator == vm.addr(NEXT), "announced");
        assertEq(keys.nextOperatorFrom, announced + DELAY, "from");
        vm.warp(announced + DELAY - 1);
        assertOperator(KEY, "before");
        assertTrue(staking.isActive(owner), "a rotation interrupts nothing");
        vm.warp(announced + DELAY);
        assertOperator(NEXT, "after");
        vm.prank(address(escrow));
        assertTrue(staking.lockBond(owner, 1, 0) == vm.addr(NEXT), "a new session's operator");
        keys = staking.getKeys(owner);
        assertTrue(keys.operator == vm.addr(NEXT) && keys.nextOperator == address(0), "nothing is announced any more");
        assertEq(keys.nextOperatorFrom, 0, "nothing is announced any more");
    }

    function test_TheOperatorOfAnyPastSecondIsKnownForEver() public {
        uint256 start = block.timestamp;
        bind(NEXT);
        vm.warp(start + 3 * DELAY);
        // Nobody wrote anything when the operator took over.
        assertOperatorAt(start + DELAY - 1, KEY, "until it took over");
        assertOperatorAt(start + DELAY, NEXT, "from then on");
        vm.prank(owner);
        staking.revokeOperator();
        vm.warp(start + 4 * DELAY);
        bind(THIRD);
        vm.warp(start + 9 * DELAY);
        assertOperatorAt(start - 2, 0, "before it registered");
        assertOperatorAt(start - 1, KEY, "the first");
        assertOperatorAt(start + DELAY - 1, KEY, "the first, still");
        assertOperatorAt(start + DELAY, NEXT, "the second");
        assertOperatorAt(start + 3 * DELAY - 1, NEXT, "the second, still");
        assertOperatorAt(start + 3 * DELAY, 0, "revoked");
        assertOperatorAt(start + 5 * DELAY - 1, 0, "revoked, still");
        assertOperatorAt(start + 5 * DELAY, THIRD, "the third");
        vm.expectRevert(
            abi.encodeWithSelector(Errors.Staking_FutureTime.selector, block.timestamp + 1, block.timestamp)
        );
        staking.operatorAt(owner, block.timestamp + 1);
    }

    function test_RevokingWorksAtOnceAndIsNoShortCutToAnotherOperator() public {
        bind(NEXT);
        vm.prank(owner);
        staking.revokeOperator();
        assertOperator(0, "revoked");
        assertTrue(!staking.isActive(owner), "active without an operator");
        vm.warp(block.timestamp + DELAY);
        assertOperator(0, "the announced one was revoked too");
        uint256 announced = block.timestamp;
        bind(KEY);
        vm.warp(announced + DELAY - 1);
        assertOperator(0, "not even the former one is back before the delay");
        vm.warp(announced + DELAY);
        assertOperator(KEY, "back");
    }

    function test_ThePresentOperatorsConsentTakesAnAnnouncementBack() public {
        bind(NEXT);
        bind(KEY);
        assertTrue(staking.getKeys(owner).nextOperator == address(0), "taken back");
        vm.warp(block.timestamp + DELAY);
        assertOperator(KEY, "unchanged");
    }

    function test_ALaterAnnouncementReplacesTheFormerAndStartsTheDelayAnew() public {
        uint256 announced = block.timestamp;
        bind(NEXT);
        vm.warp(announced + DELAY - 1);
        bind(THIRD);
        vm.warp(announced + DELAY);
        assertOperator(KEY, "the replaced announcement took effect");
        vm.warp(announced + 2 * DELAY - 1);
        assertOperator(THIRD, "the third");
        // Twice in the same second.
        bind(NEXT);
        bind(KEY);
        assertTrue(staking.getKeys(owner).nextOperator == vm.addr(KEY), "the last one counts");
    }

    function test_RegisteringAgainKeepsTheKeysAndTheirDelay() public {
        uint64 deadline = uint64(block.timestamp);
        string[] memory regions = new string[](1);
        regions[0] = "eu";
        bytes memory consent = signConsent(KEY, owner, deadline);
        vm.startPrank(owner);
        staking.deregister();
        staking.register(vm.addr(KEY), deadline, consent, NODE, regions);
        vm.stopPrank();
        assertTrue(staking.isActive(owner), "the same keys hold at once");
        consent = signConsent(NEXT, owner, deadline);
        vm.startPrank(owner);
        staking.deregister();
        staking.register(vm.addr(NEXT), deadline, consent, keccak256("other"), regions);
        vm.stopPrank();
        assertOperator(KEY, "another operator waits");
        assertTrue(staking.getKeys(owner).nodeKey == NODE, "another node key waits");
    }

    /// Any sequence of bindings and revocations: what was true at a second stays true.
    function testFuzz_HistoryNeverChanges(uint256 seed) public {
        uint256[3] memory keys = [KEY, NEXT, THIRD];
        uint256[24] memory times;
        address[24] memory operators;
        for (uint256 i = 0; i < 24; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            if (draw % 4 == 3) {
                vm.prank(owner);
                staking.revokeOperator();
            } else {
                bind(keys[draw % 4]);
            }
            (times[i], operators[i]) = (block.timestamp, staking.operatorOf(owner));
            vm.warp(block.timestamp + 1 + bound(draw >> 8, 0, 2 * DELAY));
            for (uint256 k = 0; k <= i; ++k) {
                assertTrue(staking.operatorAt(owner, times[k]) == operators[k], "history changed");
            }
        }
    }

    function test_OneOperatorMayServeTwoOwnersByItsConsentToEach() public {
        address other = startProvider(NEXT, 1, 1_000e18);
        bytes memory consent = signConsent(KEY, other, uint64(block.timestamp));
        vm.prank(other);
        staking.bindOperator(vm.addr(KEY), uint64(block.timestamp), consent);
        vm.warp(block.timestamp + DELAY);
        assertTrue(staking.operatorOf(other) == vm.addr(KEY), "the other owner's operator");
        assertOperator(KEY, "the first owner's operator");
    }

    function test_AnOperatorIsBoundOnlyByItsOwnConsentForThisOwnerAndOnce() public {
        uint256 other = 0xBEEF;
        uint64 deadline = uint64(block.timestamp);
        bytes memory consent = signConsent(other, owner, deadline);
        vm.expectPartialRevert(Errors.Staking_ForeignConsent.selector);
        vm.prank(owner);
        staking.bindOperator(vm.addr(0xDEAD), deadline, consent);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_DeadlinePassed.selector, deadline - 1, deadline));
        vm.prank(owner);
        staking.bindOperator(vm.addr(other), deadline - 1, consent);
        vm.expectRevert(Errors.Staking_ZeroOperator.selector);
        vm.prank(owner);
        staking.bindOperator(address(0), deadline, "");
        vm.prank(owner);
        staking.bindOperator(vm.addr(other), deadline, consent);
        assertTrue(staking.getKeys(owner).nextOperator == vm.addr(other), "operator");
        vm.expectPartialRevert(Errors.Staking_ForeignConsent.selector);
        vm.prank(owner);
        staking.bindOperator(vm.addr(other), deadline, consent);
    }

    // ---- node key and regions ----

    function test_AnotherNodeKeyTakesOverAfterTheRotationDelay() public {
        uint256 announced = block.timestamp;
        vm.startPrank(owner);
        staking.setNodeKey(keccak256("next"));
        ProviderKeySet memory keys = staking.getKeys(owner);
        assertTrue(keys.nodeKey == NODE && keys.nextNodeKey == keccak256("next"), "announced");
        assertEq(keys.nextNodeKeyFrom, announced + DELAY, "from");
        vm.warp(announced + DELAY - 1);
        assertTrue(staking.getProvider(owner).nodeKey == NODE, "before");
        vm.warp(announced + DELAY);
        assertTrue(staking.getProvider(owner).nodeKey == keccak256("next"), "after");
        assertEq(staking.getKeys(owner).nextNodeKeyFrom, 0, "nothing is announced any more");

        staking.setNodeKey(NODE);
        staking.setNodeKey(keccak256("next"));
        vm.warp(block.timestamp + DELAY);
        assertTrue(staking.getProvider(owner).nodeKey == keccak256("next"), "the announcement was taken back");
        vm.stopPrank();
    }

    function test_NodeKeyAndRegionsAreChecked() public {
        string[] memory regions = new string[](2);
        regions[0] = "eu-de-fra";
        regions[1] = "eu-nl";
        vm.startPrank(owner);
        staking.setRegions(regions);
        assertEq(staking.getProvider(owner).regions.length, 2, "regions");
        regions[1] = "EU-NL";
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_BadRegion.selector, "EU-NL"));
        staking.setRegions(regions);
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_TooManyRegions.selector, 9, 8));
        staking.setRegions(new string[](9));
        regions = new string[](8);
        for (uint256 i = 0; i < 8; ++i) regions[i] = "eu";
        staking.setRegions(regions);
        vm.expectRevert(Errors.Staking_ZeroNodeKey.selector);
        staking.setNodeKey(0);
        staking.setRegions(new string[](0));
        assertEq(staking.getProvider(owner).regions.length, 0, "regions were not replaced");
        vm.stopPrank();
    }

    function test_RegionPathsAreLowerCaseSegmentsJoinedBySingleHyphens() public pure {
        string[5] memory good = ["eu", "eu-de", "eu-de-fra", "a1-2b", "abcdefghijklmnopqrstuvwxyz01234"];
        for (uint256 i = 0; i < good.length; ++i) assertTrue(RegionPath.isValid(good[i]), good[i]);
        string[8] memory bad = [
            "",
            "-eu",
            "eu-",
            "eu--de",
            "eu_de",
            "eu/de",
            unicode"ü",
            "abcdefghijklmnopqrstuvwxyz012345"
        ];
        for (uint256 i = 0; i < bad.length; ++i) assertTrue(!RegionPath.isValid(bad[i]), bad[i]);
    }

    function test_StrangersAreNoProviders() public {
        bytes memory unknown = abi.encodeWithSelector(Errors.Staking_NotRegistered.selector, address(this));
        vm.expectRevert(unknown);
        staking.bindOperator(vm.addr(KEY), uint64(block.timestamp), "");
        vm.expectRevert(unknown);
        staking.revokeOperator();
        vm.expectRevert(unknown);
        staking.setNodeKey(keccak256("node"));
        vm.expectRevert(unknown);
        staking.setRegions(new string[](0));
        vm.expectRevert(unknown);
        staking.deregister();
    }
}
