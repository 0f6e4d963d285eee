import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Connection } from "../connection.ts";
import { connectionPair } from "../testing.ts";
import { ContentStore, type ContentStoreOptions } from "./contentStore.ts";

// For tests: what content is kept in and goes over, gone at the end of the test.

export async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "demec-content-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function diskStore(t: TestContext, path?: string, options?: ContentStoreOptions): Promise<ContentStore> {
  const opened = await ContentStore.open(path ?? (await directory(t)), options);
  t.after(() => opened.close());
  return opened;
}

export async function pair(t: TestContext): Promise<[Connection, Connection]> {
  const both = await connectionPair();
  t.after(() => Promise.all(both.map((connection) => connection.close())));
  return both;
}
