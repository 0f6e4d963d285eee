import { DemecError } from "@demec/protocol";
import type HyperDHT from "hyperdht";
import { toHex } from "../hex.ts";
import { decodeSections, encodeSections, type Section } from "./sections.ts";

/** A DHT node keeps a record for two days; by then others may be nearer to its key. */
const REFRESH_MS = 60 * 60_000;
/** How long what was found, or not found, is taken for true. */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1024;

type Sections = ReadonlyMap<number, Uint8Array>;

/** What nodes say of themselves in the DHT: one record for each node key, signed by it, in sections. */
export class NodeRecords {
  readonly #dht: HyperDHT;
  readonly #own = new Map<number, Uint8Array>();
  readonly #remembered = new Map<string, { sections: Promise<Sections>; untilMs: number }>();
  #refresh: NodeJS.Timeout | undefined;
  #putting: Promise<void> = Promise.resolve();

  constructor(dht: HyperDHT) {
    this.#dht = dht;
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
  async read(publicKey: Uint8Array, section: Section): Promise<Uint8Array | undefined> {
    const key = toHex(publicKey);
    let known = this.#remembered.get(key);
    if (known === undefined || known.untilMs <= performance.now()) {
      const sections = this.#dht.mutableGet(publicKey, { latest: false }).then(
        (record) => (record === null ? new Map() : decodeSections(record.value)),
        () => new Map(),
      );
      known = { sections, untilMs: performance.now() + REMEMBER_MS };
      this.#remembered.delete(key);
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
      this.#remembered.set(key, known);
    }
    return (await known.sections).get(section);
  }

  /** What it says was wrong: the next `read` asks again. */
  forget(publicKey: Uint8Array): void {
    this.#remembered.delete(toHex(publicKey));
  }

  close(): void {
    clearInterval(this.#refresh);
  }

  async #put(): Promise<void> {
    const keyPair = this.#dht.defaultKeyPair;
    const value = encodeSections(this.#own);
    let found: HyperDHT.MutableRecord | null = null;
    for (let attempt = 0; attempt < 2; attempt++) {
      // By the clock, so that it grows over restarts; a clock that was set back is found out by reading.
      const seq = Math.max(Date.now(), (found?.seq ?? 0) + 1);
      await this.#dht.mutablePut(keyPair, value, { seq });
      // A put that the DHT refuses as too old looks like any other.
      found = await this.#dht.mutableGet(keyPair.publicKey);
      if (found?.seq === seq) return;
    }
    throw new DemecError("network/unreachable", "This node's record did not get into the DHT.", {
      details: { publicKey: toHex(keyPair.publicKey), foundSeq: found?.seq },
    });
  }
}
