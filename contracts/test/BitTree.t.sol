// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BitTree} from "../libraries/BitTree.sol";
import {CurveSamples} from "./CurveSamples.sol";
import {Assertions} from "./Vm.sol";

contract BitTreeTest is Assertions {
    using BitTree for BitTree.Set;

    uint256 private constant MEMBERS = 24;
    BitTree.Set private _set;
    uint256[] private _members;

    /// What is found is the least member that a plain list has, however members came and went; where the search ends without
    /// one, there is none before that end, and the end is behind the block.
    function testFuzz_FindsTheLeastMemberThatAPlainListHas(uint256 seed, uint256 levelsSeed) public {
        uint256 levels = 2 + (levelsSeed % 2);
        for (uint256 i = 0; i < MEMBERS; ++i) {
            uint256 r = CurveSamples.random(seed, i);
            if (r % 4 == 0 && _members.length != 0) {
                uint256 which = (r >> 8) % _members.length;
                _set.remove(_members[which], levels);
                _members[which] = _members[_members.length - 1];
                _members.pop();
            } else {
                uint256 member = near(r >> 8, levels);
                if (listed(member)) continue;
                _set.add(member, levels);
                _members.push(member);
            }
            check(near(r >> 128, levels), levels);
        }
        while (_members.length != 0) {
            _set.remove(_members[_members.length - 1], levels);
            _members.pop();
        }
        (bool found, ) = _set.lowest(0, levels);
        assertTrue(!found, "an empty set has a member");
    }

    function check(uint256 from, uint256 levels) private view {
        (bool found, uint256 next) = _set.lowest(from, levels);
        uint256 least = type(uint256).max;
        for (uint256 i = 0; i < _members.length; ++i) {
            if (_members[i] >= from && _members[i] < least) least = _members[i];
        }
        if (found) {
            assertEq(next, least, "another member is less");
            return;
        }
        assertTrue(next <= least, "it overlooked a member");
        assertAtMost(((from >> (8 * levels)) + 1) << (8 * levels), next, "the search ended within the block");
    }

    /// @dev Numbers near the ends of words and blocks, where mistakes are made.
    function near(uint256 r, uint256 levels) private pure returns (uint256) {
        uint256 block_ = 1 << (8 * levels);
        uint256 edge = [0, 256, 65_536, block_, 2 * block_, block_ - 256][r % 6];
        uint256 offset = (r >> 8) % 6;
        return
            r % 7 == 0
                ? (r >> 16) % (2 * block_)
                : edge + offset < 3
                    ? edge + offset
                    : edge + offset - 3;
    }

    function listed(uint256 member) private view returns (bool) {
        for (uint256 i = 0; i < _members.length; ++i) if (_members[i] == member) return true;
        return false;
    }
}
