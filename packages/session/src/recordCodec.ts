import { DemecError, type Hex, RECEIPT_BYTES, type SessionState } from "@demec/protocol";
import c, { type Encoder, type State } from "compact-encoding";
import { fromHex, toHex } from "./hex.ts";
import type { JournalRecord } from "./records.ts";

/** First byte of every encoded entry: a later layout gets a later number. */
const LAYOUT = 1;

/** Numbers of the record types on disk; never reused. */
const TAGS = {
  reserved: 1,
  receipt: 2,
  fault: 3,
  waived: 4,
  writtenOff: 5,
  proposed: 6,
  withdrawn: 7,
  accepted: 8,
  cosigned: 9,
  adopted: 10,
  closing: 11,
  halted: 12,
} as const satisfies Record<JournalRecord["type"], number>;
const TYPES = new Map(Object.entries(TAGS).map(([type, tag]) => [tag as number, type as JournalRecord["type"]]));

type Fields = Record<string, Encoder<never, unknown>>;

/** An encoder of an object's named fields, in the order given. */
function struct<T>(fields: { readonly [K in keyof T]: Encoder<T[K]> }): Encoder<T> {
  const entries = Object.entries(fields as Fields) as [keyof T, Encoder<T[keyof T]>][];
  return {
    preencode(state, value) {
      for (const [name, field] of entries) field.preencode(state, value[name]);
    },
    encode(state, value) {
      for (const [name, field] of entries) field.encode(state, value[name]);
    },
    decode(state) {
      const value = {} as T;
      for (const [name, field] of entries) value[name] = field.decode(state);
      return value;
    },
  };
}

function hex(bytes: number): Encoder<Hex> {
  const inner = c.fixed(bytes);
  return {
    preencode(state) {
      state.end += bytes;
    },
    encode(state, value) {
      const raw = fromHex(value);
      if (raw.length !== bytes) throw new RangeError(`${raw.length} bytes instead of ${bytes}`);
      inner.encode(state, raw);
    },
    decode: (state) => toHex(inner.decode(state)),
  };
}

/** Copies out of the entry, so that a receipt doesn't keep the whole of it in memory. */
const receipt: Encoder<Uint8Array> = {
  ...c.fixed(RECEIPT_BYTES),
  decode: (state) => Uint8Array.from(c.fixed(RECEIPT_BYTES).decode(state)),
};
const ids = c.array(c.uint) as Encoder<readonly number[]>;
const signature = hex(65);
const state = struct<SessionState>({
  sessionId: hex(32),
  seq: c.biguint64,
  creditsUsed: c.biguint,
  invocations: c.biguint64,
  breaches: c.biguint64,
  receiptsRoot: hex(32),
  isFinal: c.bool,
});
const signed = struct({ state, operatorSig: signature, sessionKeySig: signature }) as Encoder<never, unknown>;

const BODIES: Record<JournalRecord["type"], Encoder<never, unknown>> = {
  reserved: struct({ below: c.uint }),
  receipt: struct({ callId: c.uint, receipt }),
  fault: struct({ callId: c.uint }),
  waived: struct({ callId: c.uint }),
  writtenOff: struct({ credits: c.biguint }),
  proposed: struct({ state, operatorSig: signature, callIds: ids, faultIds: ids }),
  withdrawn: struct({ seq: c.biguint64 }),
  accepted: struct({ seq: c.biguint64, sessionKeySig: signature }),
  cosigned: struct({ signed, callIds: ids, faultIds: ids }),
  adopted: struct({ signed }),
  closing: struct({}),
  halted: struct({ code: c.string, message: c.string }),
};

const record: Encoder<JournalRecord> = {
  preencode(at, value) {
    at.end++;
    BODIES[value.type].preencode(at, value as never);
  },
  encode(at, value) {
    c.uint8.encode(at, TAGS[value.type]);
    BODIES[value.type].encode(at, value as never);
  },
  decode(at) {
    const tag = c.uint8.decode(at);
    const type = TYPES.get(tag);
    if (type === undefined) throw new RangeError(`record type ${tag} is unknown`);
    return { type, ...(BODIES[type].decode(at) as object) } as JournalRecord;
  },
};

/** One journal entry: the records of one append. */
export function encodeRecords(records: readonly JournalRecord[]): Uint8Array {
  const at: State = c.state(0, 1, null);
  for (const value of records) record.preencode(at, value);
  at.buffer = new Uint8Array(at.end);
  c.uint8.encode(at, LAYOUT);
  for (const value of records) record.encode(at, value);
  return at.buffer;
}

/** Inverse of {@link encodeRecords}. @throws session/journal-corrupt on any other bytes */
export function decodeRecords(bytes: Uint8Array): JournalRecord[] {
  try {
    const at: State = c.state(0, bytes.length, bytes);
    const layout = c.uint8.decode(at);
    if (layout !== LAYOUT) throw new RangeError(`layout ${layout} is unknown`);
    const records: JournalRecord[] = [];
    while (at.start < at.end) records.push(record.decode(at));
    return records;
  } catch (cause) {
    throw new DemecError("session/journal-corrupt", `An entry of ${bytes.length} bytes can't be read.`, { cause });
  }
}
