import { join } from "node:path";
import hre from "hardhat";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import config from "../hardhat.config.ts";
import { DEPLOYED_CONTRACTS } from "./deployedContracts.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * Hardhat with the artifacts of one build profile, compiled when they are not up to date. The default profile is Hardhat as
 * everything else uses it; any other one has its artifacts apart, under .demec/, so that none overwrites another.
 */
export async function runtimeOf(profile: "default" | "portable" | "production"): Promise<HardhatRuntimeEnvironment> {
  if (profile === "default") return hre;
  const { profiles } = config.solidity as { profiles: Record<string, object> };
  const folder = join(ROOT, ".demec", "build", profile);
  const runtime = await createHardhatRuntimeEnvironment(
    {
      ...config,
      // TypeChain's types are those of the default profile.
      plugins: config.plugins!.filter(({ id }) => id !== "hardhat-typechain"),
      paths: { ...config.paths, artifacts: join(folder, "artifacts"), cache: join(folder, "cache") },
      solidity: { profiles: { ...profiles, default: profiles[profile]! } } as NonNullable<typeof config.solidity>,
    },
    { config: join(ROOT, "hardhat.config.ts") },
    ROOT,
  );
  const files = DEPLOYED_CONTRACTS.map((name) => join(ROOT, "contracts", `${name}.sol`));
  await runtime.tasks
    .getTask("compile")
    .run({ files: [...files, join(ROOT, "contracts", "test", "MockUsd.sol")], quiet: true, noTests: true });
  return runtime;
}
