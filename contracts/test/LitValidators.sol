// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

struct LitEpoch {
    uint256 epochLength;
    uint256 number;
    uint256 endTime;
    uint256 retries;
    uint256 timeout;
}

struct LitValidator {
    uint32 ip;
    uint128 ipv6;
    uint32 port;
    address nodeAddress;
    uint256 reward;
    uint256 senderPubKey;
    uint256 receiverPubKey;
}

/// @title Lists the nodes of a Lit network as its staking contract does, as far as Lit's client asks for them.
contract LitValidators {
    /// @dev Of a new epoch, which the client listens for.
    event StateChanged(uint8 newState);

    uint256 private immutable _threshold;
    LitValidator[] private _validators;

    /// @param ports of nodes on this machine's loopback address
    constructor(uint256 threshold, uint32[] memory ports) {
        _threshold = threshold;
        for (uint256 i = 0; i < ports.length; ++i) {
            _validators.push(
                LitValidator({
                    ip: 0x7f000001,
                    ipv6: 0,
                    port: ports[i],
                    nodeAddress: address(uint160(i + 1)),
                    reward: 0,
                    senderPubKey: 0,
                    receiverPubKey: 0
                })
            );
        }
    }

    function getActiveUnkickedValidatorStructsAndCounts()
        external
        view
        returns (LitEpoch memory, uint256, LitValidator[] memory)
    {
        LitEpoch memory epoch = LitEpoch({
            epochLength: 1 hours,
            number: 1,
            endTime: block.timestamp + 1 hours,
            retries: 0,
            timeout: 60
        });
        return (epoch, _threshold, _validators);
    }
}
