// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Guardian} from "../Guardian.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title A pauser that is a contract, and pauses when it gets credits.
contract HastyPauser {
    Guardian public guardian;
    bytes public reason;

    function listenTo(Guardian guardian_) external {
        guardian = guardian_;
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4) {
        try guardian.pause() {
            reason = "paused";
        } catch (bytes memory refusal) {
            reason = refusal;
        }
        return IERC1155Receiver.onERC1155Received.selector;
    }
}

contract PauseInACallTest is Fixture {
    /// The guard and the pause share a slot: a pause in the middle of a purchase would be lost when the purchase ends, so it
    /// is refused, and comes right after it.
    function test_APauseInTheMiddleOfAPurchaseIsRefusedAndNotLost() public {
        deploySystem();
        uint256 id = createService(defaultService());
        vm.etch(pauser, address(new HastyPauser()).code);
        HastyPauser(pauser).listenTo(guardian);
        buy(pauser, id, CREDIT);
        bytes4 refusal = ReentrancyGuard.ReentrancyGuardReentrantCall.selector;
        assertTrue(bytes4(HastyPauser(pauser).reason()) == refusal, "not refused");
        assertTrue(!market.isPaused(), "paused");
        vm.prank(pauser);
        guardian.pause();
        assertTrue(market.isPaused(), "not paused");
        // A sale in the pause leaves it in place.
        vm.prank(pauser);
        market.sell(id, CREDIT / 2, 0, pauser, block.timestamp);
        assertTrue(market.isPaused(), "a sale ended the pause");
    }
}
