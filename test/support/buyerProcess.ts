// A buyer in a process of its own, to be killed. Its first argument is its task in JSON; what it did is one line of JSON;
// then it waits to be killed, or closes the service when its standard input ends.

import { encodeReceipt } from "@demec/protocol";
import { connect } from "@demec/sdk/node";
import { bytesToHex } from "viem";

export interface BuyerTask {
  readonly service: string;
  readonly inputs: readonly string[];
  /** Whether to leave the states with the watchtowers before it tells of them. */
  readonly handOver?: boolean;
  /** Calls of an earlier process whose receipts are asked for. */
  readonly earlier?: readonly number[];
}

export interface BuyerReport {
  readonly sessionId: string;
  /** Node key of the relay through which the provider is called; null: none. */
  readonly relay: string | null;
  readonly calls: readonly {
    readonly callId: number;
    readonly output: string;
    readonly credits: string;
    readonly receipt: string;
  }[];
  readonly earlier: readonly string[];
}

const task: BuyerTask = JSON.parse(process.argv[2]!);
const say = (line: unknown) =>
  console.log(JSON.stringify(line, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)));

const demec = await connect();
const service = await demec.service(task.service, { budget: 10_000_000n });
const session = await service.session();
const receiptOf = async (callId: number) => bytesToHex(encodeReceipt((await session.prove(callId)).receipt));
const earlier = await Promise.all((task.earlier ?? []).map(receiptOf));
const results = await Promise.all(task.inputs.map((input) => service.invoke(input)));
const calls = await Promise.all(
  results.map(async ({ callId, output, credits }) => ({
    callId,
    output: new TextDecoder().decode(output),
    credits: `${credits}`,
    receipt: await receiptOf(callId),
  })),
);
if (task.handOver) await demec.handOver();
say({ report: { sessionId: session.sessionId, relay: session.relay, calls, earlier } satisfies BuyerReport });

process.stdin.resume().on("end", async () => {
  say({ settlements: await service.close() });
  await demec.close();
});
