import { DemecError, toJson } from "@demec/protocol";
import type { Command } from "commander";
import { bytesToHex, isHash } from "viem";
import { parseInteger } from "../amounts.ts";
import { badOption } from "../errors.ts";
import { print } from "../output.ts";
import { withDemec } from "../withDemec.ts";

export function addReceipts(program: Command): void {
  program
    .command("receipts")
    .description("print all receipts of a session with their proofs, a line of JSON each")
    .argument("<session>", "session id")
    .addHelpText("after", "\nExample:\n  demec receipts 0x5c1b… > receipts.ndjson")
    .action(async (session: string, _options: unknown, command: Command) => {
      if (!isHash(session)) throw badOption(`"${session}" is no session id.`, { session });
      await withDemec(command, { sessions: true }, async ({ demec }) => {
        const receipts = await demec.receipts(session);
        if (receipts.length === 0) {
          throw new DemecError("cli/no-receipts", `Session ${session} has no receipts in this data folder.`, {
            details: { session },
          });
        }
        for (const receipt of receipts) console.log(toJson(hexed(receipt)));
      });
    });
  program
    .command("prune")
    .description("forget journals and keys of sessions that were settled long ago; their receipts are gone then")
    .option("--days <n>", "how long they are kept after the settlement is final", "30")
    .addHelpText("after", "\nExample:\n  demec prune --days 7")
    .action(async ({ days }: { readonly days: string }, command: Command) => {
      const seconds = 86_400 * parseInteger("--days", days, 36_500);
      await withDemec(command, { sessions: true }, async ({ demec, config }) => {
        const sessions = await demec.prune(seconds);
        print(config.json, { sessions }, `forgot ${sessions.length} session(s)`);
      });
    });
}

/** The same with its bytes as hex digits. */
function hexed(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(hexed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hexed(part)]));
}
