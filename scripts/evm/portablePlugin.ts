import type { HardhatPlugin } from "hardhat/types/plugins";

/** Hardhat plugin: sources for machines older than Cancun get their MCOPY replaced, see memoryCopy.ts. */
export const portablePlugin: HardhatPlugin = {
  id: "demec-portable",
  hookHandlers: { solidity: () => import("./solidityHooks.ts") },
};
