import { parseAbi } from "viem";

/** What the Lit client asks of the contract that lists the nodes of a network, and hears from it. */
export const STAKING_ABI = parseAbi([
  "struct Epoch { uint256 epochLength; uint256 number; uint256 endTime; uint256 retries; uint256 timeout; }",
  "struct Validator { uint32 ip; uint128 ipv6; uint32 port; address nodeAddress; uint256 reward; uint256 senderPubKey; uint256 receiverPubKey; }",
  "function getActiveUnkickedValidatorStructsAndCounts() view returns (Epoch epoch, uint256 threshold, Validator[] validators)",
  "event StateChanged(uint8 newState)",
]);
