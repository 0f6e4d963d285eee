// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Region paths: 1 to 31 bytes of lower-case letters and digits, in segments joined by single hyphens, coarse to fine.
library RegionPath {
    uint256 internal constant MAX_LENGTH = 31;

    function isValid(string memory path) internal pure returns (bool) {
        bytes memory text = bytes(path);
        if (text.length == 0 || text.length > MAX_LENGTH) return false;
        bool afterHyphen = true;
        for (uint256 i = 0; i < text.length; ++i) {
            bytes1 char = text[i];
            bool hyphen = char == "-";
            if (hyphen ? afterHyphen : !((char >= "a" && char <= "z") || (char >= "0" && char <= "9"))) return false;
            afterHyphen = hyphen;
        }
        return !afterHyphen;
    }
}
