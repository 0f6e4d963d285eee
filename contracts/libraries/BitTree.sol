// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title A set of integers in which the next member is found by reading a few words, however many members it has.
/// @notice A tree of bitmaps, 256-ary: a bit of a word at level 0 is a member; a bit at a level above says that the word
/// which it stands for, one level below, isn't empty. With `levels` levels one word at the top spans 256^levels integers.
/// OpenZeppelin's `BitMaps` has only the lowest level.
library BitTree {
    struct Set {
        mapping(uint256 levelAndIndex => uint256 word) words;
    }

    /// @notice Adds a member. Writes one word, and one at each level above up to the first that already had a bit.
    function add(Set storage set, uint256 member, uint256 levels) internal {
        for (uint256 level = 0; level < levels; ++level) {
            uint256 key = _key(level, member >> 8);
            uint256 word = set.words[key];
            set.words[key] = word | (1 << (member & 0xff));
            if (word != 0) return;
            member >>= 8;
        }
    }

    /// @notice Removes a member. Writes one word, and one at each level above for as long as words become empty.
    function remove(Set storage set, uint256 member, uint256 levels) internal {
        for (uint256 level = 0; level < levels; ++level) {
            uint256 key = _key(level, member >> 8);
            uint256 word = set.words[key] & ~(1 << (member & 0xff));
            set.words[key] = word;
            if (word != 0) return;
            member >>= 8;
        }
    }

    /// @notice The least member ≥ `from`, searched at least up to the end of the top word that spans `from`, at most to the
    /// end of the one after it. Reads at most 2·levels − 1 words.
    /// @return found whether there is one
    /// @return next that member; else the first integer that was not searched
    function lowest(Set storage set, uint256 from, uint256 levels) internal view returns (bool found, uint256 next) {
        next = from;
        for (uint256 level = 0; level < levels; ++level) {
            uint256 word = set.words[_key(level, next >> 8)] >> (next & 0xff);
            if (word != 0) {
                next += Math.log2(word & (~word + 1));
                for (; level != 0; --level) {
                    word = set.words[_key(level - 1, next)];
                    next = (next << 8) | Math.log2(word & (~word + 1));
                }
                return (true, next);
            }
            // Nothing here: go on behind this word's own bit, one level above. Where that bit was the last of its word, this is
            // the first bit of the word after it, which may be searched just as well.
            next = (next >> 8) + 1;
        }
        return (false, next << (8 * levels));
    }

    /// @dev Members are below 2^248.
    function _key(uint256 level, uint256 index) private pure returns (uint256) {
        return (level << 248) | index;
    }
}
