import type { Deployment, WriteClient } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import type { Condition } from "../condition.ts";
import type { AccessGate } from "../gate.ts";
import type { SignedGrant } from "../grant.ts";
import type { GatePolicy } from "../policy.ts";

/** What a backend brings to be tested: a chain, accounts on it, and gates over it. */
export interface GateStage {
  readonly deployment: Deployment;
  readonly serviceId: bigint;
  readonly otherServiceId: bigint;
  /** Owner accounts of two providers; gates are the first one's unless they say otherwise. */
  readonly provider: Hex;
  readonly otherProvider: Hex;
  /** What the first provider's node key comes from. */
  readonly nodeSeed: Uint8Array;
  /** Meets `condition` until `leave`. */
  readonly member: WriteClient;
  readonly stranger: WriteClient;
  readonly grantor: WriteClient;
  readonly condition: Condition;
  /** By a transaction, the member no longer meets the condition; and meets it again. */
  readonly leave: () => Promise<void>;
  readonly join: () => Promise<void>;
  readonly gate: (setting: GateSetting) => AccessGate;
  /** Answers a challenge in the wallet's name. */
  readonly prove: (wallet: WriteClient, challenge: string, setting?: ProveSetting) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface GateSetting {
  readonly policy: GatePolicy;
  readonly serviceId?: bigint;
  readonly provider?: Hex;
  readonly domain?: string;
  /** Unix seconds. */
  readonly now?: () => number;
}

export interface ProveSetting {
  readonly grants?: readonly SignedGrant[];
  readonly serviceId?: bigint;
  readonly provider?: Hex;
  readonly domain?: string;
}
