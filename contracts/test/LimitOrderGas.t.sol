// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {OrderBookFixture} from "./OrderBookFixture.sol";
import {vm} from "./Vm.sol";

/// @title What the book costs when it is full, and when somebody has filled it with rubbish.
contract LimitOrderGasTest is OrderBookFixture {
    uint256 private id;

    function setUp() public {
        deployBook();
        id = createService(defaultService());
        buy(ALICE, id, 500_000 * CREDIT);
        buy(BOB, id, 100_000 * CREDIT);
        buy(CAROL, id, 100_000 * CREDIT);
    }

    /// Filling costs bounded gas whatever the book holds: 1, 100 or 10,000 orders in a tick.
    function test_FillingCostsBoundedGasWhateverTheBookHolds() public {
        uint256[3] memory counts = [uint256(1), 100, 10_000];
        uint256[3] memory gasOf;
        for (uint256 i = 0; i < counts.length; ++i) {
            uint256 service = createService(defaultService());
            buy(ALICE, service, 500_000 * CREDIT);
            buy(FILLER, service, 1 * CREDIT);
            uint256 size = (10_000 * CREDIT) / counts[i];
            uint256 first = place(ALICE, service, cents(200, 3), size);
            for (uint256 k = 1; k < counts[i]; ++k) {
                vm.prank(ALICE);
                accessToken.safeTransferFrom(ALICE, address(book), service, size, abi.encode(cents(200, 3)));
            }
            // Half a lot short of everything, so that the last order is filled in part.
            uint256 before = gasleft();
            (uint256 credits, ) = fill(service, 10_000 * CREDIT - LOT);
            gasOf[i] = before - gasleft();
            assertEq(credits, 10_000 * CREDIT - LOT, "credits");
            (uint256 sold, ) = book.claim(first + counts[i] - 1);
            assertEq(sold, size - LOT, "the last order's part");
        }
        assertAtMost(gasOf[1], gasOf[0] + 2_000, "100 orders cost more than one");
        assertAtMost(gasOf[2], gasOf[0] + 2_000, "10,000 orders cost more than one");
    }

    /// Dust can't block the head: five thousand orders of the least size are passed at once, a run of cancelled ones too.
    function test_DustCannotBlockTheHead() public {
        uint256 first = place(BOB, id, cents(200, 3), CREDIT);
        for (uint256 k = 1; k < 5_000; ++k) {
            vm.prank(BOB);
            accessToken.safeTransferFrom(BOB, address(book), id, CREDIT, abi.encode(cents(200, 3)));
        }
        vm.prank(ALICE);
        accessToken.safeTransferFrom(ALICE, address(book), id, 1_000 * CREDIT, abi.encode(cents(200, 3)));
        for (uint256 k = 1_000; k < 3_000; ++k) {
            vm.prank(BOB);
            book.cancel(first + k, BOB);
        }
        uint256 before = gasleft();
        (uint256 credits, ) = fill(id, type(uint256).max);
        assertAtMost(before - gasleft(), 400_000, "gas");
        assertEq(credits, 4_000 * CREDIT, "credits");
        (bool found, , ) = book.turn(id);
        assertTrue(!found, "something was left");
    }

    /// A call that may fill one run fills one run, and the next call goes on where it ended.
    function test_AFillIsBoundedByTheRunsThatItsCallerAllows() public {
        uint256 first = place(ALICE, id, cents(200, 3), 10 * CREDIT);
        for (uint256 i = 1; i < 10; ++i) place(ALICE, id, cents(200, 3), 10 * CREDIT);
        for (uint256 i = 1; i < 10; i += 2) cancel(first + i);
        for (uint256 i = 0; i < 5; ++i) {
            (uint256 credits, ) = book.fill(id, type(uint256).max, 1, 0, FILLER);
            assertEq(credits, 10 * CREDIT, "one run");
            assertEq(waitingOf(first + 2 * i), 0, "the run whose turn it was");
        }
        vm.expectRevert(abi.encodeWithSelector(Errors.LimitOrders_NothingToFill.selector, id));
        book.fill(id, type(uint256).max, 1, 0, FILLER);
    }

    /// A neighbour's cancel in the same block, in front or behind, never makes a cancel fail or cost more than a bounded amount.
    function test_ACancelNeedsNoHintThatOthersCouldSpoil() public {
        uint256[] memory orders = new uint256[](400);
        for (uint256 i = 0; i < 400; ++i) orders[i] = place(ALICE, id, cents(200, 5), 2 * CREDIT);
        uint256 most;
        for (uint256 i = 0; i < 400; ++i) {
            // 1, 3, 5, … leave 200 gaps, then 2, 4, 6, … close them.
            uint256 which = i < 200 ? 2 * i : 2 * (i - 200) + 1;
            uint256 before = gasleft();
            cancel(orders[which]);
            uint256 used = before - gasleft();
            if (used > most) most = used;
        }
        assertAtMost(most, 150_000, "gas of a cancel");
        (bool found, , ) = book.turn(id);
        assertTrue(!found, "an empty book has a turn");
    }
}
