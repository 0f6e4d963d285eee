// The journal and the vault of a browser, by themselves.
import type { Hex } from "@demec/protocol";
import {
  IndexedDbJournal,
  IndexedDbVault,
  type Ownership,
  takeOwnership,
  type WhenOwned,
} from "@demec/session/browser";
import { A, fault, idsOf, JOURNAL_CONTRACT } from "@demec/session/testing";

let names = 0;

/** Shows one property of the contract on a new store. @throws where it does not hold */
export async function holds(property: string): Promise<void> {
  const name = `contract-${++names}`;
  await JOURNAL_CONTRACT[property]!({
    open: () => IndexedDbJournal.open(name),
    entries: () => inStore(name, "entries", (store) => store.count()),
    spoil: async (bytes) => {
      const [key] = await inStore(name, "entries", (store) => store.getAllKeys());
      await inStore(name, "entries", (store) => store.put(bytes, key));
    },
  });
}

let written = -1;

/** Appends pairs of records to a session until the page is killed, one that nobody waits for and one that is durable. */
export async function writeForEver(name: string, from: number): Promise<void> {
  const journal = await IndexedDbJournal.open(name);
  void (async () => {
    for (let id = from; ; id++) {
      void journal.append(A, [fault(2 * id)], { soon: true });
      await journal.append(A, [fault(2 * id + 1)]);
      written = id;
    }
  })();
}

/** The newest pair whose second record was durable; -1: none. */
export const newestWritten = (): number => written;

/** What is in the journal. */
export async function readIds(name: string): Promise<number[]> {
  const journal = await IndexedDbJournal.open(name);
  const ids = idsOf((await journal.load(A))?.records);
  await journal.close();
  return ids;
}

export async function appendOne(name: string, callId: number): Promise<void> {
  const journal = await IndexedDbJournal.open(name);
  await journal.append(A, [fault(callId)]);
  await journal.close();
}

/** @returns code of the failed write's error, of later ones, and whether the journal says so */
export async function fill(name: string, bytes: number): Promise<{ first: string; failed: boolean }> {
  const journal = await IndexedDbJournal.open(name);
  // What the disk can't make smaller.
  const noise = Array.from({ length: 16 }, () => hexOf(crypto.getRandomValues(new Uint8Array(1 << 15))));
  const message = noise.join("");
  try {
    for (let written = 0; written < bytes; written += message.length) {
      await journal.append(A, [{ type: "halted", code: "x", message }]);
    }
    return { first: "none", failed: journal.failed };
  } catch (error) {
    return { first: codeOf(error), failed: journal.failed };
  } finally {
    await journal.close();
  }
}

/** Opens a journal that a later version of the page has written. */
export async function openNewer(name: string): Promise<string> {
  (await done(indexedDB.open(name, 1_000))).close();
  return IndexedDbJournal.open(name).then(() => "none", codeOf);
}

/** Deletes the database under a journal. @returns code of the next write's error */
export async function loseUnderneath(name: string): Promise<{ code: string; failed: boolean }> {
  const journal = await IndexedDbJournal.open(name);
  await journal.append(A, [fault(1)]);
  await done(indexedDB.deleteDatabase(name));
  const code = await journal.append(A, [fault(2)]).then(() => "none", codeOf);
  return { code, failed: journal.failed };
}

export async function saveKey(name: string, address: Hex, key: Hex): Promise<string> {
  const vault = await IndexedDbVault.open(name);
  try {
    return await vault.save(address, key).then(() => "kept", codeOf);
  } finally {
    await vault.close();
  }
}

export async function loadKey(name: string, address: Hex): Promise<string | null> {
  const vault = await IndexedDbVault.open(name);
  try {
    return await vault.load(address).catch(codeOf);
  } finally {
    await vault.close();
  }
}

export async function removeKey(name: string, address: Hex): Promise<void> {
  const vault = await IndexedDbVault.open(name);
  await vault.remove(address);
  await vault.close();
}

/** Two vaults that are made at the same time. @returns whether each reads what the other keeps */
export async function vaultsAtOnce(name: string, address: Hex, key: Hex): Promise<boolean> {
  const [first, second] = await Promise.all([IndexedDbVault.open(name), IndexedDbVault.open(name)]);
  await first.save(address, key);
  const read = await second.load(address);
  await Promise.all([first.close(), second.close()]);
  return read === key;
}

/** All that the vault's database holds, as a copy of the disk would: hexadecimal; and whether its key can be taken out. */
export async function spill(name: string): Promise<{ bytes: string; exported: string }> {
  const kept = (await inStore(name, "keys", (store) => store.getAll())) as { iv: Uint8Array; sealed: ArrayBuffer }[];
  const bytes = kept.map(({ iv, sealed }) => hexOf(iv) + hexOf(new Uint8Array(sealed))).join("");
  const [key] = (await inStore(name, "wrapping", (store) => store.getAll())) as CryptoKey[];
  const exported = await crypto.subtle.exportKey("raw", key!).then(
    () => "taken",
    (error: Error) => error.name,
  );
  return { bytes, exported };
}

/** Moves what is kept under one address to another. */
export async function moveKey(name: string, from: Hex, to: Hex): Promise<void> {
  const kept = await inStore(name, "keys", (store) => store.get(from.toLowerCase()));
  await inStore(name, "keys", (store) => store.put(kept, to.toLowerCase()));
}

let ownership: Ownership | undefined;
let asked = 0;

/** @param deaf never lets go when it is asked. @returns "owner", or the code of what went wrong */
export async function own(name: string, whenOwned: WhenOwned, timeoutMs?: number, deaf = false): Promise<string> {
  try {
    const mine = await takeOwnership(name, { whenOwned, timeoutMs });
    ownership = mine;
    void mine.asked.then(() => {
      asked++;
      if (!deaf) mine.release();
    });
    return "owner";
  } catch (error) {
    return codeOf(error);
  }
}

export const disown = (): void => ownership?.release();
export const timesAsked = (): number => asked;

/** Milliseconds of appends that were waited for one by one, and how many a second of many at once are durable. */
export async function measure(name: string, ms: number): Promise<{ oneByOneMs: number; perSecond: number }> {
  const journal = await IndexedDbJournal.open(name);
  let rounds = 0;
  const startMs = performance.now();
  while (performance.now() < startMs + ms) {
    await journal.append(A, [fault(rounds)]);
    rounds++;
  }
  const oneByOneMs = (performance.now() - startMs) / rounds;
  let done = 0;
  const untilMs = performance.now() + ms;
  const writer = async () => {
    while (performance.now() < untilMs) {
      await journal.append(A, [fault(done)]);
      done++;
    }
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  await journal.close();
  return { oneByOneMs, perSecond: (done * 1_000) / ms };
}

/** One request to a database, past whoever else uses it. */
async function inStore<T>(name: string, storeName: string, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await done(indexedDB.open(name));
  try {
    return await done(ask(db.transaction(storeName, "readwrite").objectStore(storeName)));
  } finally {
    db.close();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Of an error of ours; a DOMException has numbers for codes. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name: string };
  return typeof code === "string" ? code : name;
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
