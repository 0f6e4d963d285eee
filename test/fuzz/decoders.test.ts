/**
 * Everything that decodes a stranger's bytes, or a broken disk's: it gives a value or a coded error, keeps no memory, and no input
 * costs it more than CPU_BOUND_MS. DEMEC_INPUTS: how many inputs in all (`pnpm long:fuzz`: ten million), DEMEC_SEED: which.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  decodeFrame,
  encodeFrame,
  isDemecError,
  parseServiceMetadata,
  parseServiceName,
  RECEIPT_BYTES,
  readBatch,
  STATUS,
  WIRE_VERSION,
} from "@demec/protocol";
import fc from "fast-check";
import { decodeManifest, encodeManifest } from "../../packages/network/src/content/manifest.ts";
import { arbitraryFrame } from "../../packages/protocol/src/wire/arbitraryFrame.ts";
import { decodeRecords, encodeRecords } from "../../packages/session/src/recordCodec.ts";
import type { JournalRecord } from "../../packages/session/src/records.ts";
import { decodeAnswer, encodeLoaded, encodeOutcome, encodeRefused } from "../../packages/wasm/src/node/ipc.ts";
import { Mutator } from "./mutator.ts";

const INPUTS = Number(process.env.DEMEC_INPUTS ?? 700_000);
const SEED = Number(process.env.DEMEC_SEED ?? 20_261_122);
/** Most user CPU that one input of up to 4 KiB may cost, garbage collection of the whole process included. */
const CPU_BOUND_MS = 100;
/** Most that the heap may grow from a tenth of the inputs to the end. */
const HEAP_BOUND_BYTES = 8 << 20;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Decoder {
  /** Inputs that it takes. */
  readonly good: readonly Uint8Array[];
  decode(bytes: Uint8Array): void;
  /** Whether it threw what it says it throws. */
  isRefusal(error: unknown): boolean;
}

const utf8 = new TextEncoder();
const frames = fc.sample(arbitraryFrame, { numRuns: 2_000, seed: SEED }).map((frame) => encodeFrame(frame));
const batches = frames
  .filter(({ length }) => length < 0xfd)
  .map((frame, i, all) => {
    const other = all[(i * 7) % all.length]!;
    return Uint8Array.of(frame.length, ...frame, other.length, ...other);
  });
const hash = new Uint8Array(32).fill(7);

const sessionState = {
  sessionId: `0x${"05".repeat(32)}`,
  seq: 3n,
  creditsUsed: 10n ** 18n,
  invocations: 300n,
  breaches: 1n,
  receiptsRoot: `0x${"06".repeat(32)}`,
  isFinal: false,
} as const;
const operatorSig = `0x${"1b".repeat(65)}` as const;
const callIds = Array.from({ length: 300 }, (_, i) => i * i);
const RECORDS: readonly JournalRecord[] = [
  { type: "reserved", below: 65_536 },
  { type: "receipt", callId: 7, receipt: new Uint8Array(RECEIPT_BYTES).fill(9) },
  { type: "fault", callId: 300 },
  { type: "writtenOff", credits: 10n ** 17n },
  { type: "proposed", state: sessionState, operatorSig, callIds, faultIds: [1, 2] },
  { type: "accepted", seq: 3n, sessionKeySig: operatorSig },
  { type: "adopted", signed: { state: sessionState, operatorSig, sessionKeySig: operatorSig } },
  { type: "closing" },
  { type: "halted", code: "session/rolled-back", message: "It was." },
];

const DECODERS: Readonly<Record<string, Decoder>> = {
  "frames of the channel": {
    good: frames,
    isRefusal: isDemecError,
    decode(bytes) {
      const frame = decodeFrame(bytes);
      // Of a hello in another version only the version is read.
      if (frame.type === "unknown" || (frame.type === "hello" && frame.version !== WIRE_VERSION)) return;
      // What was taken is what would be sent: there is no second encoding of anything.
      assert.deepEqual(Buffer.from(encodeFrame(frame)), Buffer.from(bytes));
    },
  },
  "batches of frames": {
    good: batches,
    isRefusal: isDemecError,
    decode: (bytes) => readBatch(bytes, 1 << 20, () => {}),
  },
  "answers of a child process": {
    good: [
      encodeLoaded({
        shape: "reactor",
        hasInitialiser: true,
        initialPages: 1,
        declaredMaximumPages: 3,
        instantiationBitOps: 9n,
      }),
      encodeOutcome(
        { status: STATUS.ok, exitCode: 0, output: hash, stderr: new Uint8Array(3), bitOps: 7n, floatOps: 8n },
        12.5,
      ),
      encodeRefused(new Error("no")),
    ].map((frame) => frame.subarray(4)),
    // Whatever it throws, the executor ends the child.
    isRefusal: (error) => error instanceof Error,
    decode: (bytes) => void decodeAnswer(Buffer.from(bytes)),
  },
  "entries of a journal": {
    good: RECORDS.map((record) => encodeRecords([record, record])),
    isRefusal: isDemecError,
    decode: (bytes) => void decodeRecords(bytes),
  },
  "manifests of modules": {
    good: [encodeManifest({ sha256: hash, length: 500_000 })],
    isRefusal: isDemecError,
    decode: (bytes) => void decodeManifest(bytes),
  },
  "names of services": {
    good: [`eip155:31337/erc1155:0x${"12".repeat(20)}/42`].map((text) => utf8.encode(text)),
    isRefusal: isDemecError,
    decode: (bytes) => void parseServiceName(Buffer.from(bytes).toString()),
  },
  "metadata of services": {
    good: [
      `{"name":"shout","shape":"reactor","limits":{"bitOps":"1","floatOps":"0","memoryPages":1,"outputBytes":9}}`,
    ].map((text) => utf8.encode(text)),
    isRefusal: isDemecError,
    decode: (bytes) => void parseServiceMetadata(Buffer.from(bytes).toString()),
  },
};

const cpuMs = () => process.cpuUsage().user / 1000;
const heapBytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

describe(`${INPUTS} hostile inputs (DEMEC_SEED=${SEED})`, () => {
  const share = Math.ceil(INPUTS / Object.keys(DECODERS).length);
  for (const [name, { good, decode, isRefusal }] of Object.entries(DECODERS)) {
    it(`${name}: each is taken or refused in order, at a bounded cost`, (t) => {
      for (const bytes of good) decode(bytes);
      const mutator = new Mutator(SEED);
      let taken = 0;
      let dearestMs = 0;
      let heapEarly = 0;
      for (let i = 0; i < share; i++) {
        if (i === Math.ceil(share / 10)) heapEarly = heapBytes();
        const bytes = mutator.next(good);
        const before = cpuMs();
        try {
          decode(bytes);
          taken++;
        } catch (error) {
          if (!isRefusal(error)) throw new Error(`${Buffer.from(bytes).toString("hex")} broke it`, { cause: error });
        }
        dearestMs = Math.max(dearestMs, cpuMs() - before);
      }
      const grown = heapBytes() - heapEarly;
      t.diagnostic(`${taken} of ${share} taken, dearest ${dearestMs.toFixed(1)} ms, heap grew ${grown} bytes`);
      assert.ok(dearestMs <= CPU_BOUND_MS, `an input cost ${dearestMs} ms`);
      assert.ok(grown <= HEAP_BOUND_BYTES, `the heap grew by ${grown} bytes`);
      assert.ok(taken > 0, "some get past the first check");
    });
  }
});
