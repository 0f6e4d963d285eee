import { mkdtemp, readFile } from "node:fs/promises";
import { CodeStore, Node } from "@demec/network";
import { parseServiceName } from "@demec/protocol";
import { Provider, setUpProvider } from "@demec/provider";
import { connect } from "@demec/sdk/node";
import { defaultPolicy, MemoryJournal } from "@demec/session";
import { V8Engine } from "@demec/wasm";
import { bytesToHex, createPublicClient, createWalletClient, http, parseUnits } from "viem";
import { privateKeyToAccount, privateKeyToAddress } from "viem/accounts";
import { JsonProcess } from "../scripts/local/jsonProcess.ts";
import { startLocalNetwork } from "../scripts/local/localNetwork.ts";

const dir = await mkdtemp("/tmp/smoke-");
const net = await startLocalNetwork(dir);
const env = {
  DEMEC_RPC: net.rpcUrl,
  DEMEC_DEPLOYMENT: net.deploymentFile,
  DEMEC_DHT: net.dht,
  DEMEC_HOST: "127.0.0.1",
  DEMEC_DATA_DIR: dir,
  DEMEC_PRIVATE_KEY: net.key(1),
};
const dep = new JsonProcess(
  "packages/cli/src/main.ts",
  [
    "deploy",
    ".tmp-smoke/echo.wasm",
    "--payment-token",
    net.mockUsd,
    "--json",
    "--min-bond",
    "1",
    "--limits",
    "10000000,0,16,65536",
  ],
  { env, onLog: console.error },
);
const name = await dep.next<string>("service");
console.log(name);
const transport = http(net.rpcUrl);
const client = createPublicClient({ transport });
const owner = net.key(2),
  op = net.key(3);
await net.fund(privateKeyToAddress(owner), { demec: parseUnits("5000", 18) });
await net.fund(privateKeyToAddress(net.key(6)), { usd: 1000_000000n });
const node = await Node.create({ bootstrap: net.bootstrap, host: "127.0.0.1" });
const code = await CodeStore.open(dir + "/code", node);
const serviceIds = [parseServiceName(name).serviceId];
const ownerWallet = createWalletClient({ transport, account: privateKeyToAccount(owner) });
await setUpProvider({
  client,
  ownerWallet,
  deployment: net.deployment,
  operatorPrivateKey: op,
  nodeKey: node.publicKey,
  regions: ["eu-de-fra"],
  stake: parseUnits("5000", 18),
  serviceIds,
});
const engine = new V8Engine();
const mods = new Map();
const log = (l: string) => (f: any, m: string) => console.error(l, m, f);
const provider = await Provider.start({
  client,
  wallet: createWalletClient({ transport, account: privateKeyToAccount(op) }),
  deployment: net.deployment,
  owner: privateKeyToAddress(owner),
  operatorPrivateKey: op,
  node,
  serviceIds,
  journal: new MemoryJournal(),
  executor: {
    async load(h, b) {
      const m = await engine.compile(b);
      mods.set(bytesToHex(h), m);
      return { shape: m.info.shape };
    },
    async run(c) {
      const t = performance.now();
      const o = mods.get(bytesToHex(c.moduleHash)).run(c.request);
      return { ...o, durationMs: Math.ceil(performance.now() - t) };
    },
  },
  fetchModule: ({ codeCore, codeHash }) => code.fetch({ coreKey: codeCore, sha256: codeHash, maxBytes: 1 << 24 }),
  shareCode: (c) => code.replicate(c),
  policy: {
    maxSessions: 10,
    minCredits: 1n,
    maxCredits: 2n ** 90n,
    minValuePerCredit: 0n,
    bondPerCredit: 0n,
    offerTtlSeconds: 300,
    confirmations: 0,
    maxDeadlineMs: 10000,
    idleCloseMs: 1e9,
    exposure: (c) => defaultPolicy(c),
  },
  logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
});
const demec = await connect({
  account: privateKeyToAccount(net.key(6)),
  rpcUrl: net.rpcUrl,
  deployment: net.deployment,
  network: { bootstrap: net.bootstrap, host: "127.0.0.1" },
  dataDir: dir + "/buyer",
});
const fn = await demec.service(name, { region: "eu-de", budget: 10_000000n, sessionCredits: 10n ** 19n });
console.time("first");
console.log(new TextDecoder().decode(await fn.call("hello")));
console.timeEnd("first");
console.time("1000");
const rs = await Promise.all(Array.from({ length: 1000 }, (_, i) => fn.invoke("x".repeat(200) + i)));
console.timeEnd("1000");
console.log(rs[7]!.status, rs[7]!.usage, rs[7]!.credits);
console.time("prove");
const pr = await rs[999]!.session.prove(rs[999]!.callId);
console.timeEnd("prove");
console.log(pr.leafIndex, pr.size, pr.state.state);
console.time("close");
console.log(await fn.close());
console.timeEnd("close");
console.log(await fn.withdraw(), await fn.credits());
await demec.close();
await provider.stop();
await code.close();
await node.close();
await dep.kill("SIGTERM");
await net.stop();
console.log("bye");
