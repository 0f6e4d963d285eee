import type { Hex, SessionState, SignedState } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { cosignedArguments, noState } from "../cosigned.ts";
import { decodeRevert } from "../errors.ts";
import { execute, mined } from "../execute.ts";
import { eventsOf } from "../logs.ts";
import type { Mined, SessionParams, Settlement, WriteClient } from "../types.ts";

/** One session to settle: by a co-signed final state, or after its deadline by the newest state the chain has seen. */
export type SettleItem =
  | { readonly params: SessionParams; readonly signed: SignedState }
  | { readonly params: SessionParams; readonly finish: SessionState | null };

export interface SettledMany extends Mined {
  readonly settled: readonly Settlement[];
  readonly skipped: readonly { readonly sessionId: Hex; readonly reason: string }[];
}

/** Settles many sessions in one transaction; an item that fails is skipped with its reason and stops no other. */
export async function settleMany(
  client: WriteClient,
  deployment: Deployment,
  items: readonly SettleItem[],
): Promise<SettledMany> {
  const receipt = await execute(client, deployment, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    functionName: "settleMany",
    args: [
      items.map((item) => {
        if ("finish" in item) {
          return {
            params: item.params,
            state: item.finish ?? noState,
            operatorSig: "0x",
            sessionKeySig: "0x",
          } as const;
        }
        const [params, state, operatorSig, sessionKeySig] = cosignedArguments(item);
        return { params, state, operatorSig, sessionKeySig };
      }),
    ],
  });
  return {
    ...mined(receipt),
    settled: eventsOf(receipt, slaEscrowAbi, "SessionSettled").map((log) => log.args),
    skipped: eventsOf(receipt, slaEscrowAbi, "SettlementSkipped").map(({ args }) => ({
      sessionId: args.sessionId,
      reason: decodeRevert(args.reason),
    })),
  };
}
