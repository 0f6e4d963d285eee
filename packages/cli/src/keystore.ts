import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import { getAddress } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { badOption } from "./errors.ts";

/** Work of scrypt, as other wallets have it: most of a second for each guess at a password. */
const SCRYPT_ROUNDS = 2 ** 17;
/** Loaded when it is needed: most commands are not. */
const ethers = () => import("ethers/wallet");
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

export interface StoredKey {
  readonly name: string;
  readonly address: Address;
}

const folderIn = (home: string) => join(home, "keys");

function fileOf(home: string, name: string): string {
  if (!NAME.test(name)) throw badOption(`"${name}" is no name for a key: letters, digits, - _ . only.`, { name });
  return join(folderIn(home), `${name}.json`);
}

/** Keys of this user by name. Their files are keystores of version 3 (scrypt, AES-128-CTR), as other wallets read them. */
export function listKeys(home: string): StoredKey[] {
  if (!existsSync(folderIn(home))) return [];
  return readdirSync(folderIn(home))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      name: file.slice(0, -".json".length),
      address: addressOf(readKeystore(home, file.slice(0, -".json".length))),
    }));
}

export const hasKey = (home: string, name: string): boolean => existsSync(fileOf(home, name));

export const keyAddress = (home: string, name: string): Address => addressOf(readKeystore(home, name));

/**
 * Encrypts a key and keeps it; an existing one is never overwritten.
 * @param rounds of scrypt, a power of two; fewer than the default are for tests
 * @throws cli/key-exists
 */
export async function saveKey(
  home: string,
  name: string,
  privateKey: Hex,
  password: string,
  rounds = SCRYPT_ROUNDS,
): Promise<StoredKey> {
  const path = fileOf(home, name);
  if (existsSync(path)) throw keyExists(name);
  const address = privateKeyToAddress(privateKey);
  const { encryptKeystoreJson } = await ethers();
  const keystore = await encryptKeystoreJson({ address, privateKey }, password, { scrypt: { N: rounds } });
  mkdirSync(folderIn(home), { recursive: true, mode: 0o700 });
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? keyExists(name) : error;
  }
  try {
    writeSync(file, keystore);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { name, address };
}

/** @throws cli/unknown-key, cli/wrong-password */
export async function unlockKey(home: string, name: string, password: string): Promise<Hex> {
  return decryptKeystore(readKeystore(home, name), password);
}

/**
 * The key in a keystore of version 3, of whichever wallet.
 * @param keystore its JSON
 * @throws cli/bad-option when it is none, cli/wrong-password
 */
export async function decryptKeystore(keystore: string, password: string): Promise<Hex> {
  const { decryptKeystoreJson, isKeystoreJson } = await ethers();
  if (!isKeystoreJson(keystore)) throw badOption("This is no keystore of version 3.", {});
  try {
    return (await decryptKeystoreJson(keystore, password)).privateKey as Hex;
  } catch (cause) {
    throw new DemecError("cli/wrong-password", "The password does not open this key.", { cause });
  }
}

function readKeystore(home: string, name: string): string {
  const path = fileOf(home, name);
  if (!existsSync(path)) {
    throw new DemecError("cli/unknown-key", `No key is called "${name}".`, { details: { name } });
  }
  return readFileSync(path, "utf8");
}

/** Wallets write the address beside the secret, so that it is known without the password. */
function addressOf(keystore: string): Address {
  const { address } = JSON.parse(keystore) as { address: string };
  return getAddress(`0x${address}`);
}

function keyExists(name: string): DemecError {
  return new DemecError("cli/key-exists", `There is a key called "${name}" already.`, { details: { name } });
}
