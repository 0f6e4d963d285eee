import { DemecError, type Hex } from "@demec/protocol";
import { decodeAddresses } from "./addresses.ts";
import { decodeSections, encodeSections, SECTIONS, type Section } from "./sections.ts";

/** A DHT node keeps a record for two days; by then others may be nearer to its key. */
const REFRESH_MS = 60 * 60_000;
/** How long what was found, or not found, is taken for true. */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1024;

type Sections = ReadonlyMap<number, Uint8Array>;

/** Where records are: the DHT, or a guide that asks it. */
export interface RecordStore {
  readonly publicKey: Hex;
  /** A record whose signature is good: the newest of all, or whichever is found first. */
  get(publicKey: Hex, options: { isNewest: boolean }): Promise<{ seq: number; value: Uint8Array } | null>;
  /** Puts this node's own, signed. */
  put(value: Uint8Array, seq: number): Promise<void>;
}

/** What nodes say of themselves in the DHT: one record for each node key, signed by it, in sections. */
export class NodeRecords {
  readonly #store: RecordStore;
  readonly #own = new Map<number, Uint8Array>();
  readonly #remembered = new Map<Hex, { sections: Promise<Sections>; untilMs: number }>();
  #refresh: ReturnType<typeof setInterval> | undefined;
  #putting: Promise<void> = Promise.resolve();

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /**
   * Publishes a section of this node's record beside its others, and the whole again every hour.
   * @throws network/record-too-long, network/unreachable when it can't be read back
   */
  publish(section: Section, bytes: Uint8Array): Promise<void> {
    encodeSections(new Map(this.#own).set(section, bytes));
    this.#own.set(section, bytes);
    clearInterval(this.#refresh);
    this.#refresh = setInterval(() => {
      // A refresh that fails is made up for by the next one.
      this.#put().catch(() => {});
    }, REFRESH_MS);
    // One after the other: of two at once the DHT would keep any.
    this.#putting = this.#putting.catch(() => {}).then(() => this.#put());
    return this.#putting;
  }

  /** Puts the record there once more, as after the DHT has forgotten it. */
  refresh(): void {
    if (this.#own.size > 0) this.#putting = this.#putting.catch(() => {}).then(() => this.#put());
    // A refresh that fails is made up for by the next one.
    this.#putting.catch(() => {});
  }

  /** A section that a node has published, its signature checked; undefined where there is none, or no DHT. */
  async read(publicKey: Hex, section: Section): Promise<Uint8Array | undefined> {
    let known = this.#remembered.get(publicKey);
    if (known === undefined || known.untilMs <= performance.now()) {
      const sections = this.#store.get(publicKey, { isNewest: false }).then(
        (record) => (record === null ? new Map() : decodeSections(record.value)),
        () => new Map(),
      );
      known = { sections, untilMs: performance.now() + REMEMBER_MS };
      this.#remembered.delete(publicKey);
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
      this.#remembered.set(publicKey, known);
    }
    return (await known.sections).get(section);
  }

  /** Where a node says it is reached. */
  async addresses(publicKey: Hex): Promise<string[]> {
    const section = await this.read(publicKey, SECTIONS.addresses);
    return section === undefined ? [] : decodeAddresses(section);
  }

  /** What it sells, asked for anew: adverts age quickly. The addresses that come with it save the dialler a question. */
  async advert(publicKey: Hex): Promise<Uint8Array | null> {
    this.forget(publicKey);
    return (await this.read(publicKey, SECTIONS.advert)) ?? null;
  }

  /** What it says was wrong: the next `read` asks again. */
  forget(publicKey: Hex): void {
    this.#remembered.delete(publicKey);
  }

  close(): void {
    clearInterval(this.#refresh);
  }

  async #put(): Promise<void> {
    const { publicKey } = this.#store;
    const value = encodeSections(this.#own);
    let found: { seq: number } | null = null;
    for (let attempt = 0; attempt < 2; attempt++) {
      // By the clock, so that it grows over restarts; a clock that was set back is found out by reading.
      const seq = Math.max(Date.now(), (found?.seq ?? 0) + 1);
      await this.#store.put(value, seq);
      // A put that the DHT refuses as too old looks like any other.
      found = await this.#store.get(publicKey, { isNewest: true });
      if (found?.seq === seq) return;
    }
    throw new DemecError("network/unreachable", "This node's record did not get into the DHT.", {
      details: { publicKey, foundSeq: found?.seq },
    });
  }
}
