import type { SolidityHooks } from "hardhat/types/hooks";
import { withoutMemoryCopy } from "./memoryCopy.ts";

/** Machines on which solc refuses MCOPY in inline assembly. */
const BEFORE_CANCUN = new Set(["london", "paris", "shanghai"]);

export default async (): Promise<Partial<SolidityHooks>> => ({
  async preprocessSolcInputBeforeBuilding(context, input, next) {
    if (!BEFORE_CANCUN.has(input.settings.evmVersion ?? "")) return next(context, input);
    const sources = Object.fromEntries(
      Object.entries(input.sources).map(([name, { content }]) => [name, { content: withoutMemoryCopy(content) }]),
    );
    return next(context, { ...input, sources });
  },
});
