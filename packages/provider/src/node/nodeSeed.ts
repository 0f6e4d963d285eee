import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The 32 bytes that a provider's node key comes from: made once, kept in its data folder, readable by its owner alone. */
export async function nodeSeed(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, "node.seed");
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(randomBytes(32));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFile(path);
}
