// The market to look at and play with: a local network with sample services, and the console in the browser.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createService, parseDeployment, type ServiceParams } from "@demec/chain";
import { ContentStore, Node } from "@demec/network";
import { formatServiceMetadata, METER_VERSION, type ServiceMetadata } from "@demec/protocol";
import { createWalletClient, http, parseUnits } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { openBrowser, startConsole } from "../../packages/cli/src/dev/console.ts";
import { startDevNetwork } from "../../packages/cli/src/dev/devNetwork.ts";
import { devKey } from "../../packages/cli/src/dev/money.ts";
import { untilStopped } from "../../packages/cli/src/untilStopped.ts";

const BUILT = join(import.meta.dirname, "../../examples/functions");
const LIMITS = { bitOps: 200_000_000n, floatOps: 50_000_000n, memoryPages: 512, outputBytes: 1 << 22 };
const CREDIT = 10n ** 18n;
/** Account that publishes the samples. */
const PUBLISHER = 9;

/** Price per credit from `first` to `last`, mUSD, over so many credits. */
const curve = (credits: bigint, first: string, last: string) => ({
  ...{ x1: (credits * CREDIT * 3n) / 10n, x2: (credits * CREDIT * 6n) / 10n, x3: credits * CREDIT },
  ...{ y0: parseUnits(first, 24), y1: parseUnits(first, 24) },
  ...{ y2: parseUnits(last, 24), y3: parseUnits(last, 24) },
});

interface Sample {
  readonly file: string;
  readonly metadata: ServiceMetadata;
  readonly terms: Pick<ServiceParams, "curve" | "royaltyBps">;
}

const SAMPLES: readonly Sample[] = [
  {
    file: "wordcount/build/wordcount.wasm",
    metadata: { name: "Word count", description: "Counts how often each word occurs in a text.", shape: "command" },
    terms: { curve: curve(1_000n, "0.01", "0.10"), royaltyBps: 250 },
  },
  {
    file: "thumbnail/build/thumbnail.wasm",
    metadata: { name: "Thumbnail", description: "Makes a small picture of a large one (PPM).", shape: "reactor" },
    terms: { curve: curve(20_000n, "0.02", "0.08"), royaltyBps: 100 },
  },
];

/** @param folder for what the network keeps; gone with it */
export async function runUi(folder: string, say: (line: string) => void): Promise<void> {
  const logger = { debug() {}, info() {}, warn: console.error, error: console.error };
  say("starting a chain with the contracts, a DHT and two providers");
  const running = await startDevNetwork(join(folder, "home"), logger as never);
  const { network } = running;
  const deployment = parseDeployment(await readFile(network.deployment, "utf8"));
  const [host, port] = network.dht.split(",")[0]!.split(":");
  const node = await Node.create({ bootstrap: [{ host: host!, port: Number(port) }], host: network.host });
  const code = await ContentStore.open(join(folder, "publisher"), { node });
  try {
    await node.listen({ onConnection: (connection) => code.replicate(connection) });
    const wallet = createWalletClient({
      transport: http(network.rpc),
      account: privateKeyToAccount(devKey(PUBLISHER)),
    });
    for (const { file, metadata, terms } of SAMPLES) {
      const { coreKey, sha256 } = await code.publish(await readFile(join(BUILT, file)));
      await createService(wallet, deployment, {
        codeHash: sha256,
        codeCore: coreKey,
        paymentToken: network.paymentToken,
        tariff: { a: 10n ** 14n, b: 2n * 10n ** 14n, c: 10n ** 15n, d: 0n, e: 0n, f: 0n },
        sla: { maxLatencyMs: 500, toleranceBps: 100, rebateBps: 5_000, bondPenaltyBps: 0 },
        challengePeriod: 3600,
        minBondPerCredit: CREDIT,
        meterVersion: METER_VERSION,
        metadata: formatServiceMetadata({ ...metadata, limits: LIMITS }),
        ...terms,
      });
      say(`published ${metadata.name}`);
    }
    const page = await startConsole(network, 0);
    say(`the console is at ${page.url}; Ctrl-C ends it all`);
    console.log(page.url);
    openBrowser(page.url);
    await untilStopped();
    await page.stop();
  } finally {
    await code.close();
    await node.close();
    await running.stop();
  }
}
