// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import {Fixture} from "./Fixture.sol";
import {RealMoney, IFiatToken} from "./RealMoney.sol";
contract PaymentsTest is Fixture {
    function setUp() public { deploySystem(); RealMoney.placePermit2(address(PERMIT2)); }
    function test_A() public {
        IFiatToken t = RealMoney.deployUsdc();
        t.mint(address(5), 100);
        assertEq(t.balanceOf(address(5)), 100, "x");
        assertEq(address(PERMIT2).code.length, 9152, "x");
    }
}
