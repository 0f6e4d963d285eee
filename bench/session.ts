/**
 * What the session engines cost per call, both ends together: invoke → execute → result → acknowledgement, with a
 * state co-signed at every checkpoint. CPU time of the whole process, printed beside that of the hashes which two
 * copies of any receipt need, measured in the same run.
 *
 *   node bench/session.ts [calls]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executionHash, outputHash } from "../packages/protocol/src/index.ts";
import { type Effect, EffectPump, type Journal } from "../packages/session/src/index.ts";
import { LevelJournal } from "../packages/session/src/node/index.ts";
import {
  newBuyer,
  newProvider,
  outcomeOf,
  requestOf,
  SESSION_ID,
  TERMS,
} from "../packages/session/src/testing/fixtures.ts";
import { against, type Figure, report, round } from "./figures.ts";

const calls = Number(process.argv[2] ?? 60_000);
const IN_FLIGHT = 64;
const policy = {
  maxUnsignedCredits: 10n ** 17n,
  checkpointCredits: 10n ** 17n,
  maxInFlight: IN_FLIGHT,
  checkpointCalls: 2_500,
  checkpointMs: 250,
};
const request = { ...requestOf(1), input: new Uint8Array(256).fill(9) };
const outcome = outcomeOf(request);

/** Runs the calls through both engines; what performs the effects is given. @returns microseconds of a call */
async function run(
  perform: (side: "buyer" | "provider", effects: readonly Effect[]) => void,
  idle: () => Promise<void>,
) {
  const start = process.cpuUsage();
  for (let done = 0; done < calls; ) {
    for (let i = 0; i < IN_FLIGHT; i++, done++) {
      perform("buyer", buyer.invoke(request, 10_000, performance.now()).effects);
    }
    await idle();
  }
  return cpuUsPerCall(start);
}

/** CPU time of the process since `start`, all its threads together. */
function cpuUsPerCall(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

let buyer = newBuyer({ policy });
let provider = newProvider({ policy });

function fresh(): void {
  buyer = newBuyer({ policy });
  provider = newProvider({ policy });
  provider.attach(buyer.newest(), performance.now());
  buyer.attach(provider.newest(), performance.now());
}

function deliver(effect: Effect, side: "buyer" | "provider"): readonly Effect[] {
  const nowMs = performance.now();
  if (effect.type === "execute") return provider.executed(effect.callId, { outcome, durationMs: 0 }, nowMs);
  if (effect.type !== "send") return [];
  return side === "buyer" ? provider.receive(effect.message, nowMs) : buyer.receive(effect.message, nowMs);
}

/** The engines alone: effects are handed over by a plain queue, nothing is written. */
async function engines(): Promise<number> {
  fresh();
  const queue: ["buyer" | "provider", Effect][] = [];
  const perform = (side: "buyer" | "provider", effects: readonly Effect[]) => {
    for (const effect of effects) queue.push([side, effect]);
  };
  return run(perform, async () => {
    for (let i = 0; i < queue.length; i++) {
      const [side, effect] = queue[i]!;
      perform(effect.type === "execute" ? "provider" : side === "buyer" ? "provider" : "buyer", deliver(effect, side));
    }
    queue.length = 0;
  });
}

/** With pumps and a LevelDB journal on each side. */
async function journalled(): Promise<number> {
  fresh();
  const folder = await mkdtemp(join(tmpdir(), "demec-bench-"));
  const journals: Journal[] = [];
  const pumpOf = async (side: "buyer" | "provider") => {
    const journal = await LevelJournal.open(join(folder, side));
    journals.push(journal);
    const other = side === "buyer" ? "provider" : "buyer";
    return new EffectPump({
      sessionId: SESSION_ID,
      journal,
      send: (message) => queueMicrotask(() => pumps[other].run(deliver({ type: "send", message }, side))),
      execute: (effect) => queueMicrotask(() => pumps.provider.run(deliver(effect, side))),
      failed: (error) => {
        throw error;
      },
    });
  };
  const pumps = { buyer: await pumpOf("buyer"), provider: await pumpOf("provider") };
  const us = await run(
    (side, effects) => pumps[side].run(effects),
    async () => {
      while (buyer.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
    },
  );
  // A last state over all, so that no append is still to come when the journals close.
  pumps.provider.run(provider.checkpoint(performance.now()));
  while (!provider.quiet) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([pumps.buyer.flush(), pumps.provider.flush()]);
  for (const journal of journals) await journal.close();
  await rm(folder, { recursive: true });
  return us;
}

/** The hashes of one receipt, computed by both ends. */
function hashing(): number {
  const start = process.cpuUsage();
  for (let i = 0; i < 2 * calls; i++) {
    executionHash(TERMS.moduleHash!, request);
    outputHash(outcome);
  }
  return cpuUsPerCall(start);
}

await engines();
hashing();
const hashUs = hashing();
const enginesUs = await engines();
const journalledUs = await journalled();
const states = Number(buyer.state?.state.seq ?? 0n);
const perCall = { unit: "µs CPU, both ends", target: null };
const figures: Figure[] = [
  { ...perCall, name: "sessionEnginesCpuUs", value: round(enginesUs, 2), note: `${calls} calls, ${states} states` },
  { ...perCall, name: "sessionJournalledCpuUs", value: round(journalledUs, 2) },
];
const hashes = "hashes of their receipts";
report(
  "session",
  figures.map((figure) => against(figure, hashes, round(hashUs, 2))),
);
