import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "@demec/chain";
import { type Address, PERMIT2_ADDRESS } from "@demec/protocol";
import hre from "hardhat";
import { getContractAddress } from "viem";
import Demec from "./ignition/modules/Demec.ts";
import MockUsd from "./ignition/modules/MockUsd.ts";

/** What a deployment can choose; amounts as decimal strings, so that JSON can carry them. */
export interface DeploymentParameters {
  /** Gets the whole supply of the stake token; the deployer by default. */
  readonly tokenHolder: string;
  readonly tokenSupply: string;
  /** Least stake of an active provider, stake-token base units. */
  readonly minStake: string;
  /** Seconds. */
  readonly unbondingDelay: number;
  /** Gets the protocol fee; the deployer by default. */
  readonly treasury: string;
  /** Of what a purchase adds to a reserve, in 1/10,000; at most 500. */
  readonly protocolFeeBps: number;
  /** Uniswap's Permit2; by default where it is on every chain that has it. */
  readonly permit2: string;
  /** Seconds between a charge of contradiction and its slash; at most a quarter of the unbonding delay. */
  readonly grace: number;
  /** Resumes after a pause, retires meter versions, changes who may; the deployer by default. */
  readonly admin: string;
  /** Pauses new purchases and sessions at once; the deployer by default. */
  readonly pauser: string;
  /** How long the admin's acts are announced before they take effect; seconds, less than `grace`. */
  readonly adminDelay: number;
  /** ERC-1155 metadata URI. */
  readonly tokenUri: string;
}

const DEFAULTS = {
  tokenSupply: (10n ** 27n).toString(),
  minStake: (1000n * 10n ** 18n).toString(),
  unbondingDelay: 7 * 24 * 3600,
  protocolFeeBps: 50,
  permit2: PERMIT2_ADDRESS,
  grace: 24 * 3600,
  adminDelay: 12 * 3600,
  tokenUri: "",
};

/** Chain id of Hardhat's development network, which forgets itself. */
const DEVELOPMENT_CHAIN = 31337;

export type Connection = Awaited<ReturnType<typeof hre.network.connect>>;

export interface DeployOptions {
  readonly parameters?: Partial<DeploymentParameters>;
  /** Test money too. */
  readonly mockUsd?: boolean;
  /** Blocks on top of each transaction; 2 by default, 1 on a development chain. */
  readonly confirmations?: number;
  /** The chain ends with this process, as development chains do: Ignition's journal goes with it. */
  readonly ephemeral?: boolean;
}

export type Deployed = Deployment & {
  readonly mockUsd?: Address;
  /** Names Ignition's journal: what `hardhat ignition verify` wants. */
  readonly deploymentId: string;
};

/** Deploys the whole system through Ignition from the connection's first account. */
export async function deployDemec({ viem, ignition }: Connection, options: DeployOptions = {}): Promise<Deployed> {
  const client = await viem.getPublicClient();
  const [deployer] = await viem.getWalletClients();
  if (deployer === undefined) throw new Error("There is no account to deploy from.");
  const owner = deployer.account.address;
  const parameters = {
    tokenHolder: owner,
    treasury: owner,
    admin: owner,
    pauser: owner,
    ...DEFAULTS,
    ...options.parameters,
  };

  const chainId = await client.getChainId();
  const { ephemeral = chainId === DEVELOPMENT_CHAIN } = options;
  const confirmations = options.confirmations ?? (chainId === DEVELOPMENT_CHAIN ? 1 : 2);
  const deploymentBlock = await client.getBlockNumber();
  const nonce = await client.getTransactionCount({ address: owner });
  // The module deploys its contracts in a fixed order, the market as the fifth.
  const addressAfter = (count: number) => getContractAddress({ from: owner, nonce: BigInt(nonce + count) });

  // Every run is a new instance: a journal that is resumed would no longer match the predicted addresses.
  const deploymentId = `chain-${chainId}-block-${deploymentBlock}-nonce-${nonce}`;
  const settings = {
    deploymentId,
    config: { requiredConfirmations: confirmations, blockPollingInterval: 200 },
    defaultSender: owner,
  };
  let deployed: Addresses<Exclude<keyof Deployment, "chainId" | "deploymentBlock">>;
  let mock: Addresses<"mockUsd"> | undefined;
  try {
    deployed = await ignition.deploy(Demec, {
      ...settings,
      parameters: {
        Demec: {
          ...parameters,
          tokenSupply: BigInt(parameters.tokenSupply),
          minStake: BigInt(parameters.minStake),
          market: addressAfter(4),
          escrow: addressAfter(5),
          court: addressAfter(6),
          guardian: addressAfter(7),
          administration: addressAfter(8),
          delegation: addressAfter(9),
        },
      },
    });
    if (options.mockUsd) mock = await ignition.deploy(MockUsd, settings);
  } finally {
    // The journal must go with such a chain, or the next one of the same height would resume it.
    if (ephemeral) {
      rmSync(join(hre.config.paths.ignition, "deployments", deploymentId), { recursive: true, force: true });
    }
  }
  return {
    chainId,
    demecToken: deployed.demecToken.address,
    staking: deployed.staking.address,
    delegation: deployed.delegation.address,
    registry: deployed.registry.address,
    accessToken: deployed.accessToken.address,
    market: deployed.market.address,
    escrow: deployed.escrow.address,
    court: deployed.court.address,
    guardian: deployed.guardian.address,
    administration: deployed.administration.address,
    limitOrders: deployed.limitOrders.address,
    deploymentBlock,
    deploymentId,
    ...(mock && { mockUsd: mock.mockUsd.address }),
  };
}

type Addresses<names extends string> = Record<names, { address: Address }>;
