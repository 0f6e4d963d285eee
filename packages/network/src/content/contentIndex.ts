import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContentReference, Hex } from "@demec/protocol";
import { contentFull } from "./fetching.ts";

interface Entry extends ContentReference {
  /** How many need it: it stays while anybody does. */
  pins: number;
}

const NAME = /^([0-9a-f]{64})-([0-9a-f]{64})-(\d{1,10})$/;

/**
 * What a store holds, whole or in part, within a bound of bytes: what nobody needs and was used longest ago makes room.
 * Kept as the names of empty files, with the time of their last use, so that nothing can be half written.
 */
export class ContentIndex {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #clear: (content: ContentReference) => Promise<void>;
  /** By name; used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  /** Being cleared, so that nobody fills them meanwhile. */
  readonly #clearing = new Map<Hex, Promise<void>>();
  #bytes = 0;

  /** @param clear removes the bytes of a content that is no entry any more */
  static async open(
    directory: string,
    maxBytes: number,
    clear: (content: ContentReference) => Promise<void>,
  ): Promise<ContentIndex> {
    await mkdir(directory, { recursive: true });
    const index = new ContentIndex(directory, maxBytes, clear);
    const found: { readonly entry: Entry; readonly usedMs: number }[] = [];
    for (const name of await readdir(directory)) {
      const [, sha256, coreKey, length] = NAME.exec(name) ?? [];
      if (length === undefined) continue;
      const { mtimeMs: usedMs } = await stat(join(directory, name));
      found.push({
        entry: { sha256: `0x${sha256}`, coreKey: `0x${coreKey}`, length: Number(length), pins: 0 },
        usedMs,
      });
    }
    for (const { entry } of found.sort((one, other) => one.usedMs - other.usedMs)) index.#add(entry);
    return index;
  }

  private constructor(directory: string, maxBytes: number, clear: (content: ContentReference) => Promise<void>) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#clear = clear;
  }

  /** Bytes of all that is held or being fetched. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Where bytes with this hash are held, at least in part. */
  of(sha256: Hex): ContentReference[] {
    return [...this.#entries.values()].filter((entry) => entry.sha256 === sha256);
  }

  /**
   * Keeps a content until as many `unpin`s; makes room for it where it is new.
   * @throws network/content-full when what is needed leaves no room
   */
  async pin(content: ContentReference): Promise<void> {
    const name = nameOf(content);
    const known = this.#entries.get(name);
    const entry = known ?? { ...content, pins: 0 };
    entry.pins++;
    this.#entries.delete(name);
    if (known !== undefined) {
      this.#entries.set(name, entry);
      return;
    }
    const evicted = this.#makeRoom(content);
    this.#add(entry);
    await Promise.all(evicted.map((old) => this.remove(old)));
    await this.#clearing.get(content.coreKey);
    await writeFile(join(this.#directory, name), "");
  }

  isPinned(content: ContentReference): boolean {
    return (this.#entries.get(nameOf(content))?.pins ?? 0) > 0;
  }

  /** It was used now, and one less needs it. */
  async unpin(content: ContentReference): Promise<void> {
    const name = nameOf(content);
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.pins--;
    const now = new Date();
    // Only the order in which things go after a restart depends on it.
    await utimes(join(this.#directory, name), now, now).catch(() => undefined);
  }

  /** Removes a content, whoever needs it. */
  async remove(content: ContentReference): Promise<void> {
    const name = nameOf(content);
    this.#forget(name);
    const { coreKey } = content;
    const clearing = this.#clear(content).finally(() => this.#clearing.delete(coreKey));
    this.#clearing.set(coreKey, clearing);
    await clearing;
    // Last: what is left of a crash before is an entry that can be removed again.
    if (!this.#entries.has(name)) await rm(join(this.#directory, name), { force: true });
  }

  #makeRoom({ sha256, length }: ContentReference): Entry[] {
    const evicted: Entry[] = [];
    let free = this.#maxBytes - this.#bytes;
    for (const entry of this.#entries.values()) {
      if (free >= length) break;
      if (entry.pins > 0) continue;
      evicted.push(entry);
      free += entry.length;
    }
    if (free < length) throw contentFull({ sha256, length }, this.#bytes, this.#maxBytes);
    for (const entry of evicted) this.#forget(nameOf(entry));
    return evicted;
  }

  #add(entry: Entry): void {
    this.#entries.set(nameOf(entry), entry);
    this.#bytes += entry.length;
  }

  #forget(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#bytes -= entry.length;
  }
}

function nameOf({ sha256, coreKey, length }: ContentReference): string {
  return `${sha256.slice(2)}-${coreKey.slice(2)}-${length}`;
}
