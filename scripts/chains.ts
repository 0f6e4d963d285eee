import type { YoungOpcode } from "./evm/opcodes.ts";

/** A chain that the system is deployed to: what its machine lacks, and how it is reached. */
export interface TargetChain {
  readonly chainId: number;
  readonly title: string;
  /** Build profile of hardhat.config.ts whose bytecode the chain gets. */
  readonly buildProfile: "default" | "portable";
  /** Hard fork of Ethereum whose instructions the chain has at least; what a rehearsal runs on. */
  readonly hardfork: "london" | "shanghai" | "cancun";
  /** Instructions that bytecode for this chain must not contain. */
  readonly lacks: readonly YoungOpcode[];
  /** Blocks on top of a transaction before Ignition goes on. */
  readonly confirmations: number;
  readonly explorer: { readonly name: string; readonly url: string; readonly apiUrl?: string; readonly kind: Explorer };
  /** Where the limits come from, and what else differs. */
  readonly notes: string;
}
type Explorer = "etherscan" | "blockscout";

const BLOBS = ["BLOBHASH", "BLOBBASEFEE"] as const;
const SINCE_CANCUN = ["TLOAD", "TSTORE", "MCOPY", ...BLOBS] as const;

/**
 * Names are those of Hardhat's networks and of scripts/ignition/parameters/. Where a chain's documents and its code
 * disagree, or the test network may lag behind, the older machine is assumed: older bytecode runs on newer machines.
 */
export const CHAINS = {
  ethereumSepolia: {
    chainId: 11155111,
    title: "Ethereum Sepolia",
    buildProfile: "default",
    hardfork: "cancun",
    lacks: [],
    confirmations: 2,
    explorer: { name: "Etherscan", url: "https://sepolia.etherscan.io", kind: "etherscan" },
    notes: "The reference machine. A transaction may use 2^24 gas (EIP-7825).",
  },
  polygonAmoy: {
    chainId: 80002,
    title: "Polygon Amoy",
    buildProfile: "default",
    hardfork: "cancun",
    lacks: BLOBS,
    confirmations: 8,
    explorer: { name: "Polygonscan", url: "https://amoy.polygonscan.com", kind: "etherscan" },
    notes: "No blobs. Reorganisations of several blocks happen.",
  },
  avalancheFuji: {
    chainId: 43113,
    title: "Avalanche Fuji",
    buildProfile: "default",
    hardfork: "cancun",
    lacks: BLOBS,
    confirmations: 1,
    explorer: { name: "Snowtrace", url: "https://testnet.snowtrace.io", kind: "etherscan" },
    notes:
      "Cancun since ACP-131, blob transactions excluded: nothing of ours needs their instructions. Blocks are final.",
  },
  auroraTestnet: {
    chainId: 1313161555,
    title: "Aurora testnet",
    buildProfile: "portable",
    hardfork: "shanghai",
    lacks: SINCE_CANCUN,
    confirmations: 1,
    explorer: {
      name: "Aurora explorer",
      url: "https://explorer.testnet.aurora.dev",
      apiUrl: "https://explorer.testnet.aurora.dev/api",
      kind: "blockscout",
    },
    notes: "Shanghai since engine 2.10; later engines set Prague, which the test network may not run yet.",
  },
  telosTestnet: {
    chainId: 41,
    title: "Telos EVM testnet",
    buildProfile: "portable",
    hardfork: "london",
    lacks: ["PUSH0", "BASEFEE", "PREVRANDAO", ...SINCE_CANCUN],
    confirmations: 1,
    explorer: {
      name: "Teloscan",
      url: "https://testnet.teloscan.io",
      apiUrl: "https://api.testnet.teloscan.io/api",
      kind: "blockscout",
    },
    notes: "Consensus runs the machine of eosio.evm, which stopped before PUSH0, whatever a newer RPC node accepts.",
  },
  lineaSepolia: {
    chainId: 59141,
    title: "Linea Sepolia (zkEVM)",
    buildProfile: "portable",
    hardfork: "london",
    lacks: ["PUSH0", "PREVRANDAO", ...SINCE_CANCUN],
    confirmations: 2,
    explorer: { name: "Lineascan", url: "https://sepolia.lineascan.build", kind: "etherscan" },
    notes: "Documented as London until Beta v4; RIPEMD-160 and BLAKE2 precompiles are missing, we use neither.",
  },
  scrollSepolia: {
    chainId: 534351,
    title: "Scroll Sepolia (zkEVM)",
    buildProfile: "default",
    hardfork: "cancun",
    lacks: ["SELFDESTRUCT", ...BLOBS],
    confirmations: 2,
    explorer: { name: "Scrollscan", url: "https://sepolia.scrollscan.com", kind: "etherscan" },
    notes: "SELFDESTRUCT reverts, PREVRANDAO is 0. SHA-256 is a precompile that counts against proof capacity.",
  },
} as const satisfies Record<string, TargetChain>;

export type ChainName = keyof typeof CHAINS;
export const CHAIN_NAMES = Object.keys(CHAINS) as ChainName[];

/** Name of a chain's configuration variable: `polygonAmoy`, `RPC_URL` → `POLYGON_AMOY_RPC_URL`. */
export function variableName(chain: ChainName, what: "RPC_URL" | "DEPLOYER_KEY"): string {
  return `${chain.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_${what}`;
}
