import { mkdir } from "node:fs/promises";
import { DemecError, type Hex } from "@demec/protocol";
import { ClassicLevel } from "classic-level";
import type { Ward, WardStore } from "../watchtower/ward.ts";

/** A watchtower's wards in LevelDB: by session, as JSON with the integers as decimal strings. */
export class LevelWardStore implements WardStore {
  readonly #db: ClassicLevel<string, string>;

  private constructor(db: ClassicLevel<string, string>) {
    this.#db = db;
  }

  /** @param folder made if it doesn't exist; one process at a time @throws session/journal-locked, session/journal-failed */
  static async open(folder: string): Promise<LevelWardStore> {
    const db = new ClassicLevel<string, string>(folder);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await db.open();
    } catch (cause) {
      const locked = (cause as { cause?: { code?: string } }).cause?.code === "LEVEL_LOCKED";
      const what = `The store in ${folder} ${locked ? "is in use by another process" : "couldn't be opened"}.`;
      throw new DemecError(locked ? "session/journal-locked" : "session/journal-failed", what, { cause });
    }
    return new LevelWardStore(db);
  }

  async all(): Promise<Ward[]> {
    return (await this.#db.values().all()).map(decode);
  }

  async put(ward: Ward): Promise<void> {
    try {
      await this.#db.put(ward.sessionId, encode(ward), { sync: true });
    } catch (cause) {
      throw new DemecError("session/journal-failed", `Session ${ward.sessionId} couldn't be written.`, { cause });
    }
  }

  delete(sessionId: Hex): Promise<void> {
    return this.#db.del(sessionId);
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}

function encode(ward: Ward): string {
  return JSON.stringify(ward, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

function decode(text: string): Ward {
  const ward = JSON.parse(text) as Ward;
  const { state } = ward.signed;
  const { seq, creditsUsed, invocations, breaches } = state;
  return {
    ...ward,
    signed: {
      ...ward.signed,
      state: {
        ...state,
        ...{ seq: BigInt(seq), creditsUsed: BigInt(creditsUsed) },
        ...{ invocations: BigInt(invocations), breaches: BigInt(breaches) },
      },
    },
  };
}
