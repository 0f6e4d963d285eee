import type { Address, Hex } from "@demec/protocol";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { read } from "../execute.ts";
import type { ReadClient } from "../types.ts";

export interface Charge {
  readonly reporter: Address;
  /** Unix time. */
  readonly enforceableAt: number;
  readonly enforced: boolean;
}

/** The contradiction held against a session, null when there is none. */
export async function getCharge(client: ReadClient, deployment: Deployment, sessionId: Hex): Promise<Charge | null> {
  const charge = await read(client, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "chargeOf",
    args: [sessionId],
  });
  return charge.enforceableAt === 0 ? null : charge;
}
