import { DemecError, type Hex } from "@demec/protocol";
import type { DBSchema, IDBPDatabase } from "idb";
import { fromHex, toHex } from "../hex.ts";
import { openDatabase, type Upgrades } from "./openDatabase.ts";

interface SealedKey {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

interface Schema extends DBSchema {
  /** Under "key": the one key that wraps all others, and that no script can read. */
  wrapping: { key: "key"; value: CryptoKey };
  /** By lower-case address. */
  keys: { key: string; value: SealedKey };
}

const UPGRADES: Upgrades<Schema> = [
  (db) => {
    db.createObjectStore("wrapping");
    db.createObjectStore("keys");
  },
];

const AES = { name: "AES-GCM", length: 256 };
const IV_BYTES = 12;

/**
 * Private keys in IndexedDB, encrypted under a key that the browser gives to no script. A copy of the database is worthless
 * elsewhere; a script that runs in this origin can use the keys as the page does.
 */
export class IndexedDbVault {
  readonly #db: IDBPDatabase<Schema>;
  readonly #wrapping: CryptoKey;

  private constructor(db: IDBPDatabase<Schema>, wrapping: CryptoKey) {
    this.#db = db;
    this.#wrapping = wrapping;
  }

  /**
   * @param name of its database
   * @throws session/insecure-page, session/journal-failed
   */
  static async open(name: string): Promise<IndexedDbVault> {
    // What is asked of it after it was lost fails by itself.
    const db = await openDatabase(name, UPGRADES, () => undefined);
    return new IndexedDbVault(db, await wrappingKeyOf(db));
  }

  /**
   * Keeps a private key; durable when it resolves. The first time, the browser is asked not to clear this site's data by
   * itself when the disk is full.
   * @param address of the key
   * @throws session/vault-failed, also where there is one
   */
  async save(address: Hex, privateKey: Hex): Promise<void> {
    try {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt(paramsOf(address, iv), this.#wrapping, bytesOf(privateKey));
      const transaction = this.#db.transaction("keys", "readwrite", { durability: "strict" });
      transaction.store.add({ iv, sealed }, address.toLowerCase()).catch(() => undefined);
      await transaction.done;
    } catch (cause) {
      throw new DemecError("session/vault-failed", `The key of ${address} couldn't be kept in IndexedDB.`, {
        cause,
        details: { address },
      });
    }
    // Pages alone may ask; some browsers then ask the visitor, whom nothing waits for.
    void navigator.storage?.persist?.().catch(() => undefined);
  }

  /** @throws session/vault-failed where what is there can't be decrypted */
  async load(address: Hex): Promise<Hex | null> {
    const kept = await this.#db.get("keys", address.toLowerCase());
    if (kept === undefined) return null;
    try {
      return toHex(
        new Uint8Array(await crypto.subtle.decrypt(paramsOf(address, kept.iv), this.#wrapping, kept.sealed)),
      );
    } catch (cause) {
      throw new DemecError("session/vault-failed", `The key of ${address} in IndexedDB can't be decrypted.`, {
        cause,
        details: { address },
      });
    }
  }

  /** One that is not there is no failure. */
  remove(address: Hex): Promise<void> {
    return this.#db.delete("keys", address.toLowerCase());
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

/** The address is authenticated: a key that was moved under another one does not decrypt. */
function paramsOf(address: Hex, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: AES.name, iv, additionalData: bytesOf(address) };
}

const bytesOf = (hex: Hex) => new Uint8Array(fromHex(hex));

/** The one that is there, or the one that came first of those made at the same time. */
async function wrappingKeyOf(db: IDBPDatabase<Schema>): Promise<CryptoKey> {
  const made = await crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
  const transaction = db.transaction("wrapping", "readwrite", { durability: "strict" });
  const kept = await transaction.store.get("key");
  if (kept === undefined) await transaction.store.put(made, "key");
  await transaction.done;
  return kept ?? made;
}
