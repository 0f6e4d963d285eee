import type { ContentStore } from "@demec/network";

/** What the SDK needs of a store of content; `ContentStore` of `@demec/network` is one. */
export type ContentPort = Pick<ContentStore, "put" | "unpin" | "fetch" | "replicate">;
