import { mkdir } from "node:fs/promises";
import { DemecError } from "@demec/protocol";
import { ClassicLevel } from "classic-level";

/** A LevelDB store; by default of strings. */
export type Level<Key = string, Value = string> = ClassicLevel<Key, Value>;

type Encodings<Key, Value> = ConstructorParameters<typeof ClassicLevel<Key, Value>>[1];

/**
 * Opens a LevelDB store.
 * @param folder made, for its owner alone, if it doesn't exist; one process at a time
 * @param encodings of keys and values; UTF-8 by default
 * @throws session/journal-locked, session/journal-failed
 */
export async function openLevel<Key = string, Value = string>(
  folder: string,
  encodings?: Encodings<Key, Value>,
): Promise<Level<Key, Value>> {
  const db = new ClassicLevel<Key, Value>(folder, encodings);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await db.open();
  } catch (cause) {
    const locked = (cause as { cause?: { code?: string } }).cause?.code === "LEVEL_LOCKED";
    const what = `The store in ${folder} ${locked ? "is in use by another process" : "couldn't be opened"}.`;
    throw new DemecError(locked ? "session/journal-locked" : "session/journal-failed", what, { cause });
  }
  return db;
}
