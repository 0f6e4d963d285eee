import type { Hex } from "@demec/protocol";

/**
 * How to be a nuisance: connect and say nothing; attach with signatures of nobody's; ask for offers; talk to a session
 * that was never attached.
 */
export const ATTACKS = ["silent", "garbage", "offers", "chatter"] as const;
export type Attack = (typeof ATTACKS)[number];

export interface AttackTask {
  readonly attack: Attack;
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
  readonly nodeKey: Hex;
  readonly serviceId: string;
  /** A session that is open on chain: what it takes to make the provider verify a signature. */
  readonly sessionId: Hex;
  readonly connectionsPerSecond: number;
  readonly seconds: number;
}
