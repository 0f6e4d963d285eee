/// <reference path="./holepunch.d.ts" preserve="true" />
// What a page has of the network. As it is published, what this takes is bundled in: see scripts/build-packages.ts.
export { BrowserNode, type BrowserNodeOptions } from "./browser/browserNode.ts";
export type { MemoryContent, MemoryContentOptions } from "./content/memoryContent.ts";
export { openMemoryContent } from "./content/openMemoryContent.ts";
export * from "./portable.ts";
