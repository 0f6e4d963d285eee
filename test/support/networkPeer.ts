// A peer of the network in its own process, for network.test.ts and the benchmark. Its first argument is its role and
// options in JSON; it prints one line of JSON for what happened, and ends when its standard input does.
import { ContentStore, Node } from "@demec/network";
import { isDemecError } from "@demec/protocol";

type Hex = `0x${string}`;
export interface PeerRole {
  readonly bootstrap: readonly { host: string; port: number }[];
  readonly agent?: string;
  /** Topics to announce, in hexadecimal. */
  readonly topics?: readonly string[];
  /** Folder of a code store to serve from. */
  readonly store?: string;
  /** A module of this many bytes to publish: byte i is i·7919 >> 5. */
  readonly publishBytes?: number;
  readonly fetch?: { coreKey: Hex; sha256: Hex; maxBytes: number; timeoutMs: number };
}

const role: PeerRole = JSON.parse(process.argv[2]!);
const say = (line: unknown) => console.log(JSON.stringify(line));

const node = await Node.create({
  bootstrap: role.bootstrap,
  host: "127.0.0.1",
  connection: { agent: role.agent },
});
const store = role.store === undefined ? undefined : await ContentStore.open(role.store, { node });

if (role.fetch === undefined) {
  await node.listen({
    onConnection(connection) {
      store?.replicate(connection);
      connection.closed.then(({ code, message, byPeer }) => say({ closed: { code, message, byPeer } }));
      connection.onStreams({ mayCome: () => true });
      connection.onMessage((frame) => {
        if (frame.type !== "unsupported") connection.send(frame);
      });
    },
  });
  for (const topic of role.topics ?? []) await node.announce(new Uint8Array(Buffer.from(topic, "hex")));
  const module = new Uint8Array(role.publishBytes ?? 0).map((_, i) => (i * 7919) >> 5);
  const published = module.length > 0 ? await store!.publish(module) : undefined;
  say({ publicKey: node.publicKey, published });
} else {
  try {
    const started = performance.now();
    const module = await store!.fetch(role.fetch);
    say({ fetched: module.length, ms: performance.now() - started });
  } catch (error) {
    say({ error: isDemecError(error) ? error.code : String(error) });
  }
}

process.stdin.resume().on("end", async () => {
  const cpu = process.cpuUsage();
  say({ cpuMicros: cpu.user + cpu.system });
  await node.close();
  await store?.close();
});
