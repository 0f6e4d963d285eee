import type { Hex } from "@demec/protocol";
import { encodeAbiParameters, getAbiItem, keccak256 } from "viem";
import { slaEscrowAbi } from "./abis.ts";
import type { SessionParams } from "./types.ts";

const [paramsType] = getAbiItem({ abi: slaEscrowAbi, name: "finish" }).inputs;

/** The id that a session's static part hashes to. */
export function sessionIdOf(params: SessionParams): Hex {
  return keccak256(encodeAbiParameters([paramsType], [params]));
}
