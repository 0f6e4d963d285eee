import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node } from "@demec/network";
import type { OpenedContent } from "../lazyContent.ts";

/**
 * A store on disk.
 * @param directory where it is kept; without it what it holds goes with the process
 * @param joined gives the node that finds who has what no provider at hand gives, such as a schema before the first call
 */
export async function openContent(directory: string | undefined, joined: () => Promise<Node>): Promise<OpenedContent> {
  const { ContentStore } = await import("@demec/network");
  const node = await joined();
  const temporary = directory === undefined ? await mkdtemp(join(tmpdir(), "demec-content-")) : undefined;
  const store = await ContentStore.open(directory ?? temporary!, { node });
  const close = async () => {
    await store.close();
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  };
  return { store, close };
}
