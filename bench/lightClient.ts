// What it costs to prove a provider instead of believing a node: three nodes on loopback (one chain under three names), two
// of which must agree. Writes to bench/results/light.json.
//   node bench/lightClient.ts
import { getProvider } from "@demec/chain";
import { createPublicClient, http } from "viem";
import { compileShout } from "../test/support/functions.ts";
import { LocalMarket } from "../test/support/localMarket.ts";
import { against, type Figure, median, report, round } from "./figures.ts";
import { timeLightClient } from "./light/timeLightClient.ts";

const market = await LocalMarket.start();
try {
  const name = await market.publish(await compileShout());
  const { owner } = await market.startProvider({ services: [name] });
  const { rpcUrl } = market.network;
  const { deployment } = market;
  const nodes = [1, 2, 3].map((node) => `${rpcUrl}/?node=${node}`);
  const times = await timeLightClient({ nodes, quorum: 2, depth: 0, deployment }, owner.address);
  const believed: number[] = [];
  for (let i = 0; i < 30; i++) {
    const client = createPublicClient({ transport: http(rpcUrl) });
    const from = performance.now();
    await getProvider(client, deployment, owner.address);
    believed.push(performance.now() - from);
  }
  const figure = (name: string, value: number, note: string): Figure =>
    against(
      { name, value: round(value), unit: "ms", target: null, note },
      "getProvider from one node",
      median(believed),
    );
  report("light", [
    figure("lightClientFirstMs", times.firstMs, "block, code and provider"),
    figure("lightClientVerifyMs", times.verifyMs, "block and provider"),
    figure("lightClientSameBlockMs", times.sameBlockMs, "provider alone"),
  ]);
} finally {
  await market.stop();
}
