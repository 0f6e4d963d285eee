import type { MemoryContent, MemoryContentOptions } from "./memoryContent.ts";

/** A store of content in memory, for pages. What it takes is loaded when the first one is opened: most pages need none. */
export async function openMemoryContent(options: MemoryContentOptions = {}): Promise<MemoryContent> {
  const { MemoryContent } = await import("./memoryContent.ts");
  return new MemoryContent(options);
}
