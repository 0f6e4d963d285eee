// A process of the NAT matrix, run inside a namespace. It is told its part as JSON and answers in lines of JSON.
//   node peer.ts '{"part":"dht"}' | '{"part":"provider", …}' | '{"part":"buyer", …}'
import { Node } from "@demec/network";
import { startDhtOn } from "@demec/network/testing";
import { isDemecError } from "@demec/protocol";
import { BOOTSTRAP, DHT_HOSTS, PORT, RELAY_HOST } from "./sites.ts";

export type Part =
  | { readonly part: "dht" }
  | { readonly part: "provider" }
  | {
      readonly part: "buyer";
      readonly provider: `0x${string}`;
      /** Node keys of relays that it knows; undefined: it asks for none. */
      readonly relays?: readonly `0x${string}`[] | undefined;
      readonly timeoutMs: number;
    };

const bootstrap = BOOTSTRAP;
const say = (line: object) => console.log(JSON.stringify(line));

/** The DHT's nodes, and one of ours that relays. */
async function runDht(): Promise<void> {
  await startDhtOn(DHT_HOSTS, PORT);
  const relay = await Node.create({ bootstrap, host: RELAY_HOST, port: PORT, relay: {} });
  await relay.listen({ onConnection: () => {} });
  say({ relay: relay.publicKey });
  // Any line that it is told asks for what was relayed.
  process.stdin.on("data", () => {
    const counts = [...relay.relayStatus!.bytesByPeer.values()];
    say({ relayedBytes: counts.reduce((sum, bytes) => sum + bytes, 0) });
  });
}

async function runProvider(): Promise<void> {
  const node = await Node.create({ bootstrap });
  await node.listen({
    onConnection: (connection) =>
      connection.onMessage((frame) => {
        if (frame.type !== "unsupported") connection.send(frame);
      }),
  });
  say({ provider: node.publicKey });
}

/** Connects and has a call echoed. */
async function runBuyer(task: Extract<Part, { part: "buyer" }>): Promise<void> {
  const node = await Node.create({ bootstrap });
  const relays = task.relays === undefined ? undefined : async () => task.relays!;
  const started = performance.now();
  try {
    const connection = await node.connect(task.provider, { timeoutMs: task.timeoutMs, relays });
    const connectMs = performance.now() - started;
    const echoed = new Promise<void>((resolve) => connection.onMessage(() => resolve()));
    connection.send({ type: "session", handle: 1, message: { type: "cancel", callId: 7 } });
    await echoed;
    const raw = connection.stream.rawStream as unknown as { remoteHost: string };
    const relayed = raw.remoteHost === RELAY_HOST;
    if (relayed !== (connection.relay !== null)) throw new Error("The connection does not know its own way.");
    say({ reached: true, carrier: connection.carrier, relayed, connectMs });
  } catch (error) {
    say({
      reached: false,
      code: isDemecError(error) ? error.code : String(error),
      reason: String(error),
      cause: String((error as Error).cause),
    });
  }
  await node.close();
  process.exit(0);
}

const task = JSON.parse(process.argv[2]!) as Part;
if (task.part === "dht") await runDht();
else if (task.part === "provider") await runProvider();
else await runBuyer(task);
