import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DemecError, type Hex } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import { toHex } from "./hex.ts";

const SEED_BYTES = 32;

/**
 * The 32 bytes that a node key comes from: made once, kept in its data folder, readable by its owner alone.
 * @throws network/bad-node-seed when what is kept is no seed
 */
export async function nodeSeed(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, "node.seed");
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const seed = (await read(path)) ?? (await create(path));
  if (seed.length !== SEED_BYTES) {
    throw new DemecError("network/bad-node-seed", `${path} holds ${seed.length} bytes instead of ${SEED_BYTES}.`, {
      details: { path, bytes: seed.length },
    });
  }
  return seed;
}

/** The node key that comes from a seed. */
export function nodeKeyOf(seed: Uint8Array): Hex {
  return toHex(NoiseSecretStream.keyPair(seed).publicKey);
}

async function read(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Whole or not at all: a crash half-way must not leave a file that is no seed. */
async function create(path: string): Promise<Uint8Array> {
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(randomBytes(SEED_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Unlike a rename, a link does not replace what another process may have made meanwhile.
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  return readFile(path);
}
