import { DemecError, type Hex, toJson } from "@demec/protocol";
import { type Level, openLevel } from "@demec/session/node";
import type { Ward, WardStore } from "../watchtower/ward.ts";

/** A watchtower's wards in LevelDB: by session, as JSON with the integers as decimal strings. */
export class LevelWardStore implements WardStore {
  readonly #db: Level;

  private constructor(db: Level) {
    this.#db = db;
  }

  /** @param folder made if it doesn't exist; one process at a time @throws session/journal-locked, session/journal-failed */
  static async open(folder: string): Promise<LevelWardStore> {
    return new LevelWardStore(await openLevel(folder));
  }

  async all(): Promise<Ward[]> {
    return (await this.#db.values().all()).map(decode);
  }

  async put(ward: Ward): Promise<void> {
    try {
      await this.#db.put(ward.sessionId, toJson(ward), { sync: true });
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
