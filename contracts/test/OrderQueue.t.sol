// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderQueue} from "../libraries/OrderQueue.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {Assertions} from "./Vm.sol";

/// @title The line of orders beside a plain list of them that is walked from end to end.
contract OrderQueueTest is Assertions {
    using OrderQueue for OrderQueue.Queue;

    struct Plain {
        uint256 waiting;
        uint256 sold;
        uint256 proceeds;
        bool gone;
    }

    uint256 private constant BLOCK = 65_536;
    uint256 private constant LOT_PRICE = 1_234;
    address private constant OWNER = address(0xA11CE);

    OrderQueue.Queue private _line;
    Plain[] private _list;
    uint256 private _first;
    uint256 private _paid;
    uint256 private _earned;

    /// Whatever comes, goes, is sold and is claimed: every order has sold what a plain list would have sold of it, has earned
    /// its share of each fill to the unit, and no less than the price of its lots.
    function testFuzz_DoesWhatAPlainListWouldDo(uint256 seed) public {
        // Anywhere in the line's life, also where a search for the next gap ends.
        _first = [0, 250, BLOCK - 9, 3 * BLOCK - 5, 2 * BLOCK - 1][seed % 5];
        _line.count = uint32(_first);
        uint256 bias = (seed >> 8) % 3;
        for (uint256 i = 0; i < 48; ++i) {
            uint256 r = CurveSamples.random(seed, i);
            uint256 kind = r % 12;
            if (kind < 5 - bias || _list.length == 0) place(r >> 8);
            else if (kind < 9) cancel(r >> 8);
            else if (kind < 11) sell(r >> 8);
            else claim(r >> 8);
        }
        compare();
        while (_line.live != 0) sell(type(uint256).max);
        compare();
        for (uint256 i = 0; i < _list.length; ++i) claim(i);
        assertEq(_paid, _earned, "what was earned is not what was paid");
    }

    function place(uint256 r) private {
        uint256 lots = 1 + CurveSamples.magnitude(r, 1, 1e9);
        assertEq(_line.append(OWNER, lots), _first + _list.length, "index");
        _list.push(Plain(lots, 0, 0, false));
    }

    function cancel(uint256 r) private {
        Plain storage plain = _list[r % _list.length];
        assertEq(_line.cancel(_first + (r % _list.length)), plain.waiting, "cancelled");
        plain.waiting = 0;
        plain.gone = true;
    }

    function sell(uint256 r) private {
        OrderQueue.Stretch memory stretch = _line.nextStretch();
        uint256 expected = stretchOfList();
        if (stretch.lots != expected) {
            // Only where the search for the next gap ends: there is a gap, and the stretch ends with a block.
            assertTrue(stretch.lots != 0 && stretch.lots < expected, "stretch");
            assertEq(stretch.cursor % BLOCK, 0, "the stretch ends within a block");
        }
        if (expected == 0) return;
        uint256 lots = CurveSamples.pick(r, 1, 1, stretch.lots);
        uint256 proceeds = lots * LOT_PRICE + ((r >> 16) % (lots * 3));
        _line.advance(stretch, lots, proceeds);
        _earned += proceeds;
        uint256 left = lots;
        for (uint256 i = 0; left != 0; ++i) {
            uint256 part = _list[i].waiting < left ? _list[i].waiting : left;
            if (part == 0) continue;
            (uint256 before, uint256 behind) = (lots - left, lots - left + part);
            _list[i].proceeds += (proceeds * behind) / lots - (proceeds * before) / lots;
            _list[i].waiting -= part;
            _list[i].sold += part;
            left -= part;
        }
    }

    function claim(uint256 r) private {
        Plain storage plain = _list[r % _list.length];
        (uint256 lots, uint256 proceeds) = _line.settle(_first + (r % _list.length));
        assertEq(lots, plain.sold, "sold");
        assertEq(proceeds, plain.proceeds, "proceeds");
        assertAtMost(lots * LOT_PRICE, proceeds, "less than the price");
        (plain.sold, plain.proceeds) = (0, 0);
        _paid += proceeds;
    }

    function compare() private view {
        uint256 waiting;
        for (uint256 i = 0; i < _list.length; ++i) {
            OrderQueue.Order storage order = _line.orders[_first + i];
            (uint256 sold, uint256 proceeds) = _line.earned(_first + i);
            assertEq(sold, _list[i].sold, "sold");
            assertEq(proceeds, _list[i].proceeds, "proceeds");
            assertEq(order.lots - sold, _list[i].waiting, "waiting");
            assertTrue((order.owner == address(0)) == (order.lots == 0), "owner");
            waiting += _list[i].waiting;
        }
        assertEq(_line.live, waiting, "live");
    }

    /// @dev Lots that wait behind each other without a cancelled order between them.
    function stretchOfList() private view returns (uint256 lots) {
        for (uint256 i = 0; i < _list.length; ++i) {
            if (_list[i].gone && lots != 0) return lots;
            lots += _list[i].waiting;
        }
    }
}
