import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { JsonProcess } from "../../scripts/local/jsonProcess.ts";
import type { BuyerReport, BuyerTask } from "../support/buyerProcess.ts";
import type { NatMarket } from "./market.ts";
import { CELLS, type Cell, Matrix, type Outcome } from "./matrix.ts";
import { whatIsMissing } from "./probe.ts";
import { NATS } from "./sites.ts";

/** `pnpm long:nat` runs each cell five times and writes the table of docs/network.md. */
const ROUNDS = Number(process.env.DEMEC_NAT_ROUNDS ?? 1);
const DOCS = new URL("../../docs/network.md", import.meta.url);

const missing = whatIsMissing();

describe("through NATs, real nodes in network namespaces", {
  skip: missing?.kernel === false && missing.reason,
}, () => {
  let matrix: Matrix;
  const outcomes: Outcome[] = [];

  if (missing?.kernel) {
    // No installation mends that: it is no reason to fail where everything is required.
    it("can't be tried here", (t) => t.diagnostic(missing.reason));
    return;
  }

  before(async () => {
    matrix = await Matrix.create();
  });
  after(async () => {
    await matrix.close();
    if (process.env.DEMEC_NAT_DOCS === "1") writeTable(outcomes);
  });

  for (const cell of CELLS) {
    const { provider, buyer, withRelay } = cell;
    it(`a buyer behind ${buyer} ${reachable(cell) ? "reaches" : "is told that it can't reach"} a provider behind ${provider}, ${withRelay ? "with" : "without"} a relay`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        let outcome = await matrix.run(cell);
        // A hole through one randomising NAT is a matter of chance: hyperdht misses it once in a thousand tries.
        if (!outcome.reached && reachable(cell) && isChancy(cell)) outcome = await matrix.run(cell);
        outcomes.push(outcome);
        assert.equal(outcome.reached, reachable(cell), JSON.stringify(outcome));
        if (!outcome.reached) assert.equal(outcome.code, "network/unreachable");
        else if (!withRelay || !isBehindBoth(cell)) assert.equal(outcome.relayed, false);
        else if (provider === "symmetric" && buyer === "symmetric") assert.equal(outcome.relayed, true);
      }
    });
  }

  it("a relay that is gone is passed over", async () => {
    const cell = { provider: "symmetric", buyer: "symmetric", withRelay: true } as const;
    const outcome = await matrix.run(cell, [`0x${"5e".repeat(32)}`]);
    assert.deepEqual([outcome.reached, outcome.relayed], [true, true], JSON.stringify(outcome));
  });

  it("between two symmetric NATs the SDK buys through a relay that it found by itself and knows to be staked", async (t) => {
    const spawn = (path: string, args: readonly string[], namespace: string, env = {}) => {
      const process = new JsonProcess(path, args, { namespace, env });
      t.after(() => process.kill("SIGTERM"));
      return process;
    };
    const place = await spawn("test/nat/market.ts", [], matrix.internet).next<NatMarket>("market");
    const { service, provider, buyer, relay } = place;
    const home = matrix.namespaceOf("provider", "symmetric");
    const start = ["provider", "start", "--service", service, "--region", "eu-de-fra", "--stake", "5000", "--json"];
    await spawn("packages/cli/src/main.ts", start, home, provider).nextObject();
    const task: BuyerTask = { service, inputs: ["through", "a relay"] };
    const away = matrix.namespaceOf("buyer", "symmetric");
    const buying = spawn("test/support/buyerProcess.ts", [JSON.stringify(task)], away, buyer);
    const report = await buying.next<BuyerReport>("report");
    assert.deepEqual(
      report.calls.map(({ output }) => output),
      ["THROUGH", "A RELAY"],
    );
    assert.equal(report.relay, relay);
    buying.child.stdin.end();
    const [settled] = await buying.next<[{ type: string }]>("settlements");
    assert.equal(settled.type, "settled");
    assert.equal(await buying.end(), 0);
  });

  it("the relay has counted the bytes of those it relayed for", async () => {
    assert.ok((await matrix.relayedBytes()) > 0);
  });
});

function reachable({ provider, buyer, withRelay }: Cell): boolean {
  return withRelay || provider !== "symmetric" || buyer !== "symmetric";
}

function isBehindBoth({ provider, buyer }: Cell): boolean {
  return provider !== "public" && buyer !== "public";
}

function isChancy(cell: Cell): boolean {
  return isBehindBoth(cell) && !cell.withRelay && (cell.provider === "symmetric") !== (cell.buyer === "symmetric");
}

/** Replaces what stands between the two markers. */
function writeTable(outcomes: readonly Outcome[]): void {
  const text = (provider: string, buyer: string, withRelay: boolean) => {
    const runs = outcomes.filter((o) => o.provider === provider && o.buyer === buyer && o.withRelay === withRelay);
    if (!runs.every(({ reached }) => reached)) return "not reachable";
    const ms = runs.map(({ connectMs }) => connectMs).sort((a, b) => a - b)[runs.length >> 1]!;
    const way = runs.some(({ relayed }) => relayed) ? "relay" : isBehindBoth(runs[0]!) ? "hole" : "direct";
    return `${way}, ${ms < 1000 ? `${Math.round(ms / 10) * 10} ms` : `${(ms / 1000).toFixed(1)} s`}`;
  };
  const columns = [false, true].flatMap((withRelay) => NATS.map((buyer) => ({ buyer, withRelay })));
  const head = columns.map(({ buyer, withRelay }) => `${buyer}${withRelay ? ", relay known" : ""}`);
  const rows = NATS.map((provider) => [
    provider,
    ...columns.map(({ buyer, withRelay }) => text(provider, buyer, withRelay)),
  ]);
  const table = [["provider behind \\ buyer behind", ...head], head.concat("").map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  const docs = readFileSync(DOCS, "utf8");
  const marked = /(<!-- nat matrix -->\n)[\s\S]*?(\n<!-- end of nat matrix -->)/;
  assert.match(docs, marked);
  writeFileSync(
    DOCS,
    docs.replace(marked, (_, begin: string, end: string) => `${begin}\n${table}\n${end}`),
  );
}
