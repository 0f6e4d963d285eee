// Two buyers and two providers under steady paid load, chain and DHT beside them, each in a process of its own, and the ledger
// that the test keeps of what it sees.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  approveExact,
  buyCredits,
  claimOf,
  getSettlement,
  listSessionEvents,
  type SessionEvent,
  type SessionParams,
} from "@demec/chain";
import { areaAt, formatServiceMetadata, type Hex, sha256 } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { compileShoutCommand } from "../support/functions.ts";
import { freePort, Line } from "../support/line.ts";
import { type Books, CREDIT, CURVE, LocalMarket, USD } from "../support/localMarket.ts";
import { readEvidence } from "./evidence.ts";
import { SteadyProvider } from "./killable.ts";
import { type Finding, Ledger } from "./ledger.ts";
import { Random, SEED } from "./random.ts";
import { SteadyBuyer } from "./steadyBuyerProcess.ts";

/** So dear that a session of half a credit lasts for some thousand calls. */
const TARIFF = { a: 2n * 10n ** 14n, b: 0n, c: 10n ** 15n, d: 0n, e: 0n, f: 0n };
const SESSION_CREDITS = CREDIT / 2n;
const PURSE = 100n * USD;
/** Credits that the test buys for each of the buyers. */
const BOUGHT = 200n * CREDIT;
const REGIONS = ["eu-de-fra", "us-va-iad"] as const;

interface Parts {
  readonly market: LocalMarket;
  readonly ledger: Ledger;
  readonly providers: readonly SteadyProvider[];
  readonly buyers: readonly SteadyBuyer[];
  readonly lines: readonly Line[];
  /** File that tells the processes how far their clocks are off. */
  readonly clock: string;
  readonly serviceId: bigint;
}

type Opening = Extract<SessionEvent, { type: "opened" }>;

export class SteadyMarket {
  readonly market: LocalMarket;
  readonly ledger: Ledger;
  readonly providers: readonly SteadyProvider[];
  readonly buyers: readonly SteadyBuyer[];
  /** To each provider; none unless asked for. */
  readonly lines: readonly Line[];
  readonly #clock: string;
  readonly #serviceId: bigint;
  /** All the test money there is: the test minted it. */
  #minted = 0n;

  /** @param lines whether buyers reach providers over lines that the test can spoil, and by these alone */
  static async start({ lines: hasLines = false, random = new Random(SEED) } = {}): Promise<SteadyMarket> {
    const [market, shout] = await Promise.all([LocalMarket.start({ kept: true }), compileShoutCommand()]);
    try {
      const metadata = formatServiceMetadata({ name: "shout", shape: "command" });
      const name = await market.publish(shout, { tariff: TARIFF, metadata });
      const serviceId = BigInt(name.split("/").at(-1)!);
      const { chainId, escrow } = market.deployment;
      const ledger = new Ledger({ chainId, escrow, moduleHash: sha256(shout), tariff: TARIFF });
      const providers: SteadyProvider[] = [];
      const lines: Line[] = [];
      const clock = join(market.folder, "clock");
      const env = { DEMEC_CLOCK: clock, NODE_OPTIONS: `--import ${join(import.meta.dirname, "shiftedClock.ts")}` };
      for (const region of REGIONS) {
        const dataDir = market.newFolder();
        const args: string[] = [];
        if (hasLines) {
          const port = await freePort();
          const line = await Line.to(port, random);
          lines.push(line);
          args.push("--tcp", `127.0.0.1:${port}`, "--tcp-address", `tcp://127.0.0.1:${line.port}`);
        }
        const spawned = await market.spawnProvider({ services: [name], region, dataDir, args }, { env });
        providers.push(new SteadyProvider(`provider ${providers.length}`, spawned, dataDir));
      }
      const buyers: SteadyBuyer[] = [];
      for (const warm of [1, 2]) {
        const account = await market.account({ usd: PURSE });
        const wallet = market.wallet(account);
        const { market: spender } = market.deployment;
        await approveExact(wallet, market.deployment, { token: market.network.mockUsd, spender, amount: PURSE });
        await buyCredits(wallet, market.deployment, { serviceId, credits: BOUGHT, maxCost: PURSE });
        const task = { service: name, sessionCredits: `${SESSION_CREDITS}`, warm, tcpOnly: hasLines };
        buyers.push(new SteadyBuyer(`buyer ${buyers.length}`, account, market, ledger, task, env));
      }
      await Promise.all(buyers.map((buyer) => buyer.ready()));
      return new SteadyMarket({ market, ledger, providers, buyers, lines, clock, serviceId });
    } catch (error) {
      await market.stop();
      throw error;
    }
  }

  private constructor({ market, ledger, providers, buyers, lines, clock, serviceId }: Parts) {
    this.market = market;
    this.ledger = ledger;
    this.providers = providers;
    this.buyers = buyers;
    this.lines = lines;
    this.#clock = clock;
    this.#serviceId = serviceId;
    this.#minted = PURSE * BigInt(buyers.length);
  }

  /** Sets the providers' and buyers' clocks forward, or back; milliseconds. */
  shiftClocks(offsetMs: number): void {
    writeFileSync(this.#clock, `${offsetMs}`);
    for (const { process } of [...this.providers, ...this.buyers]) process.child.kill("SIGUSR2");
  }

  /** Waits until each buyer has had `count` more calls answered. */
  async answers(count: number): Promise<void> {
    const from = this.buyers.map(({ answers }) => answers);
    const more = (buyer: SteadyBuyer, i: number) =>
      until(`${count} more answers for ${buyer.name}`, () => buyer.answers >= from[i]! + count, 120_000);
    try {
      await Promise.all(this.buyers.map(more));
    } catch (cause) {
      throw new Error(`The last that failed: ${[...this.ledger.failures].slice(-8).join("; ")}`, { cause });
    }
  }

  /** Enters a kill: who was a party of which session is in the chain's logs. */
  async enterKill(name: string): Promise<void> {
    const openings = new Map((await this.openings()).map((opening) => [opening.sessionId, opening]));
    const provider = this.providers.find((other) => name.endsWith(other.name));
    this.ledger.enterKill(
      (sessionId, buyer) => buyer === name || openings.get(sessionId)?.params.provider === provider?.owner.address,
    );
  }

  /** Off chain and on: every credit of the newest states is a call's that was answered; the books of the chain are even. */
  async check(): Promise<void> {
    const reports = (await Promise.all(this.buyers.map((buyer) => buyer.pause()))).flat();
    // Only now: they open sessions until they pause.
    const openings = new Map((await this.openings()).map(({ sessionId, params }) => [sessionId, params]));
    for (const report of reports) await this.ledger.enterReport(report, openings.get(report.sessionId)!);
    await this.#checkChain();
    for (const buyer of this.buyers) buyer.go();
  }

  /** Settles everything, ends all parties, and holds each settlement against the ledger and the journals of both sides. */
  async settle(): Promise<Finding[]> {
    for (const buyer of this.buyers) await buyer.pause();
    for (let round = 0; ; round++) {
      for (const buyer of this.buyers) await buyer.leave();
      if ((await this.#unsettled()).length === 0) break;
      assert.ok(round < 8, "everything is settled after some challenge periods");
      await this.market.passTime(3_601);
    }
    for (const buyer of this.buyers) await buyer.end();
    for (const { process } of this.providers) assert.equal(await process.kill("SIGTERM"), 0, process.log.join("\n"));
    await this.#checkChain();

    const journals = await Promise.all([...this.buyers, ...this.providers].map(({ journal }) => readEvidence(journal)));
    const findings: Finding[] = [];
    const due = new Map<Hex, bigint>();
    for (const { sessionId, params } of await this.openings()) {
      const settlement = await getSettlement(this.market.client, this.market.deployment, sessionId);
      const sides = journals.flatMap((journal) => journal.get(sessionId) ?? []);
      const buyer = this.buyers.find(({ account }) => account.address === params.buyer)!;
      findings.push(this.ledger.audit(settlement!, params, buyer.name, sides));
      for (const [account, amount] of [
        [params.provider, settlement!.providerAmount],
        [params.buyer, settlement!.buyerAmount],
      ] as const)
        due.set(account, (due.get(account) ?? 0n) + amount);
    }
    this.ledger.assertAsked(this.buyers.flatMap((buyer) => [...buyer.inputs()]));
    await this.#checkClaims(due);
    return findings;
  }

  async stop(): Promise<void> {
    await this.market.stop();
    await Promise.all(this.lines.map((line) => line.close()));
  }

  /** No money and no credit comes from nowhere or is gone: the test minted and bought all there is. */
  async #checkChain(): Promise<void> {
    const books = await this.market.books();
    const of = (what: string) => sum(books, (entry) => entry.endsWith(what));
    const reserve = books[`reserve of ${this.#serviceId}`]!;
    const supply = books[`supply of ${this.#serviceId}`]!;
    const openings = await this.openings();
    const spent = openings.reduce((total, { params }) => total + params.credits, 0n);
    assert.equal(
      supply,
      BOUGHT * BigInt(this.buyers.length) - spent,
      "credits bought = credits left + credits of sessions",
    );
    assert.equal(of(`credits of ${this.#serviceId}`), supply);
    assert.equal(reserve, areaAt(CURVE, supply), "reserve = R(supply)");
    assert.equal(of(": money"), this.#minted, "test money is all there");
    assert.equal(books["market: money"], reserve + of(": claim"), "the market holds the reserve and all claims");
    const escrowed = openings.reduce((total, { params }) => total + params.value, 0n);
    assert.equal(escrowed, areaAt(CURVE, supply + spent) - reserve, "sessions hold what their credits were worth");
    const unsettled = await this.#unsettled();
    assert.equal(
      books["escrow: claim"],
      unsettled.reduce((total, { params }) => total + params.value, 0n),
    );
  }

  /** Payouts and refunds are claims of those whom the ledger says. */
  async #checkClaims(due: ReadonlyMap<Hex, bigint>): Promise<void> {
    const { client, deployment, network } = this.market;
    for (const [account, amount] of due)
      assert.equal(await claimOf(client, deployment, { token: network.mockUsd, account }), amount);
  }

  async openings(): Promise<Opening[]> {
    return (await this.#events()).filter((event) => event.type === "opened");
  }

  async #unsettled(): Promise<{ readonly params: SessionParams }[]> {
    const events = await this.#events();
    const settled = new Set(events.filter(({ type }) => type === "settled").map(({ sessionId }) => sessionId));
    return events.filter((event) => event.type === "opened").filter(({ sessionId }) => !settled.has(sessionId));
  }

  async #events(): Promise<SessionEvent[]> {
    const { client, deployment } = this.market;
    const range = { fromBlock: deployment.deploymentBlock, toBlock: await client.getBlockNumber({ cacheTime: 0 }) };
    return listSessionEvents(client, deployment, range);
  }
}

function sum(books: Books, wanted: (entry: string) => boolean): bigint {
  return Object.entries(books).reduce((total, [entry, amount]) => (wanted(entry) ? total + amount : total), 0n);
}
