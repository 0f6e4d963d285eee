// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitTree} from "./BitTree.sol";

/// @title First in, first out: the orders of one tick in the order of their arrival, filled from the front by counters alone.
/// @notice Picture a line of lots, numbered from 0 in the order in which they came: each order is a stretch of it, and
/// everything before `head` is over. A fill moves the head and notes where it stands and what all the stretches before it
/// have earned so far: its trace. What an order has earned is the difference of the trace at its two ends, so a fill costs
/// the same whether it passes one order or ten thousand.
///
/// A cancelled order leaves a gap. Neighbouring gaps are one run, by boundary tags as in a memory allocator: the first and the
/// last order of a run know each other, and the first is a member of a set with a bounded search. So whoever cancels pays
/// for it, and the head passes any run at once.
library OrderQueue {
    using BitTree for BitTree.Set;
    using SafeCast for uint256;

    /// @dev A search for the next run reads at most three words and sees at least to the end of a block of 65,536 orders,
    /// where a stretch that is sold at once then ends.
    uint256 private constant RUN_LEVELS = 2;

    /// @dev The stretch [start, start + lots) of the line that is still to be sold or claimed. What was claimed is cut off in
    /// front, what was cancelled behind. Without an owner: all over.
    struct Order {
        address owner;
        uint96 lots;
        // ---- second slot; outlives the owner, because the gaps behind it are found by it ----
        uint96 start;
        uint32 runEdge; // index of the other end of the run, at both ends of a run of cancelled orders
        bool cancelled;
    }

    /// @dev Proceeds less tips of all lots before `offset` since the line began.
    struct Trace {
        uint96 offset;
        uint160 proceeds;
    }

    /// @dev Lots that can be sold at once.
    struct Stretch {
        uint256 head; // where they begin
        uint256 cursor; // the queue's, once they are sold
        uint256 lots; // 0 only when nobody waits
    }

    /// @dev Two slots: placing and cancelling write the first, filling both. tail − head − live lots lie in gaps.
    /// There are fewer than 2^93 lots at a time (a lot is at least ten base units of 2^96), and a line that is sold out starts
    /// anew where it ended: 96 bits are enough.
    struct Queue {
        uint96 tail; // end of the line
        uint96 live; // lots that wait
        uint32 count; // orders so far: the next one's index
        // ---- second slot ----
        uint96 head; // start of what is not over
        uint96 floorSupply; // the tick's price: the market's supply down to which this line may sell
        uint32 cursor; // while there are gaps: first order of the first run; or an order before it, where a search ended
        uint32 fills; // length of the trace
        mapping(uint256 index => Order) orders;
        mapping(uint256 index => Trace) trace;
        BitTree.Set runs; // first orders of the runs that are ahead; what is inside or behind runs is stale
    }

    /// @notice Puts an order at the end of the line.
    /// @param lots > 0
    /// @return index of the order in the line
    function append(Queue storage queue, address owner, uint256 lots) internal returns (uint256 index) {
        (index, queue.count) = (queue.count, queue.count + 1);
        uint96 start = queue.tail;
        queue.tail = start + lots.toUint96();
        // No more than the tail.
        unchecked {
            queue.live += uint96(lots);
        }
        Order storage order = queue.orders[index];
        (order.owner, order.lots) = (owner, uint96(lots));
        order.start = start;
    }

    /// @notice Takes what waits of an order out of the line.
    /// @return lots that were still waiting; 0: nothing happened
    function cancel(Queue storage queue, uint256 index) internal returns (uint256 lots) {
        Order storage order = queue.orders[index];
        (uint256 start, uint256 head, uint256 live) = (order.start, queue.head, queue.live);
        uint256 end = start + order.lots;
        lots = Math.saturatingSub(end, Math.max(start, head));
        if (lots == 0) return 0;

        // What was sold stays to be claimed. The casts can't cut: both are parts of what was there.
        order.lots -= uint96(lots);
        if (order.lots == 0) order.owner = address(0);
        queue.live = uint96(live - lots);
        if (live == lots) {
            _restart(queue);
            return lots;
        }

        (uint256 first, uint256 last) = (index, index);
        // The order before is the last of its run, the one behind the first. A run that the head has passed stays alone.
        if (start > head && queue.orders[index - 1].cancelled) first = queue.orders[index - 1].runEdge;
        if (queue.orders[index + 1].cancelled) last = queue.orders[index + 1].runEdge;
        order.cancelled = true;
        // Indices are below 2^32.
        queue.orders[first].runEdge = uint32(last);
        queue.orders[last].runEdge = uint32(first);
        // Where this joins a run behind it, that one's membership stays: nobody looks inside a run.
        if (first == index) queue.runs.add(index, RUN_LEVELS);
        if (queue.tail - head == live || first < queue.cursor) queue.cursor = uint32(first);
    }

    /// @notice The lots that can be sold at once: up to the next gap, behind the one at which the head may stand.
    function nextStretch(Queue storage queue) internal view returns (Stretch memory stretch) {
        (uint256 head, uint256 cursor, uint256 lots) = (queue.head, queue.cursor, queue.live);
        // While there are gaps in front of somebody who waits. At most three rounds: behind a run somebody waits.
        while (queue.tail - head != lots && lots != 0) {
            Order storage order = queue.orders[cursor];
            if (!order.cancelled) {
                (, cursor) = queue.runs.lowest(cursor, RUN_LEVELS);
                order = queue.orders[cursor];
            }
            if (order.start > head) {
                lots = order.start - head;
                break;
            }
            if (order.cancelled) {
                cursor = uint256(order.runEdge) + 1;
                head = queue.orders[cursor].start;
            }
        }
        return Stretch(head, cursor, lots);
    }

    /// @notice Notes that the first `lots` of the next stretch were sold.
    /// @param stretch as `nextStretch` gave it
    /// @param lots 1 … stretch.lots
    /// @param proceeds of these lots less the tip
    function advance(Queue storage queue, Stretch memory stretch, uint256 lots, uint256 proceeds) internal {
        (uint256 fills, uint256 head) = (queue.fills, stretch.head);
        uint256 before = fills == 0 ? 0 : queue.trace[fills - 1].proceeds;
        // A gap earns nothing: the trace is flat along it.
        if (head != queue.head) queue.trace[fills++] = Trace(uint96(head), uint160(before));
        head += lots;
        queue.trace[fills++] = Trace(uint96(head), (before + proceeds).toUint160());
        // Casts can't cut: the head is at most the tail, the cursor at most the count.
        (queue.head, queue.cursor, queue.fills) = (uint96(head), uint32(stretch.cursor), fills.toUint32());
        uint256 live = queue.live - lots;
        queue.live = uint96(live);
        if (live == 0) _restart(queue);
    }

    /// @notice Takes what an order has earned since it was last asked.
    /// @return lots that were sold @return proceeds for them, 0 when there are none
    function settle(Queue storage queue, uint256 index) internal returns (uint256 lots, uint256 proceeds) {
        (lots, proceeds) = earned(queue, index);
        Order storage order = queue.orders[index];
        // No more than the order has.
        order.start += uint96(lots);
        order.lots -= uint96(lots);
        if (order.lots == 0) order.owner = address(0);
    }

    /// @notice What `settle` would take.
    function earned(Queue storage queue, uint256 index) internal view returns (uint256 lots, uint256 proceeds) {
        Order storage order = queue.orders[index];
        uint256 start = order.start;
        uint256 end = Math.min(start + order.lots, queue.head);
        if (end <= start) return (0, 0);
        return (end - start, _proceedsAt(queue, end) - _proceedsAt(queue, start));
    }

    /// @dev The trace at any place before the head, on the straight line between its neighbours, rounded down: the shares of
    /// the orders in one fill add up to the fill exactly, since each ends where the next begins. None is below its lots times
    /// the fill's lowest price, since ⌊a⌋ − ⌊b⌋ ≥ ⌊a − b⌋ and that product is a whole number.
    function _proceedsAt(Queue storage queue, uint256 offset) private view returns (uint256) {
        (uint256 low, uint256 high) = (0, queue.fills);
        // Least index whose offset is at least this one; there is one, since the last is the head.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (queue.trace[middle].offset < offset) low = middle + 1;
            else high = middle;
        }
        Trace memory right = queue.trace[low];
        if (right.offset == offset) return right.proceeds;
        Trace memory left;
        if (low != 0) left = queue.trace[low - 1];
        uint256 gain = right.proceeds - left.proceeds;
        // Below 2^160 · 2^96.
        return left.proceeds + (gain * (offset - left.offset)) / (right.offset - left.offset);
    }

    /// @dev Nobody waits: what lies between head and tail are gaps, which are forgotten.
    function _restart(Queue storage queue) private {
        queue.tail = queue.head;
    }
}
