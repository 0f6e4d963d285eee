import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Deployment, parseDeployment } from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
import { bytesToHex, createPublicClient, createWalletClient, erc20Abi, http, parseAbi } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { waitForTransactionReceipt, writeContract } from "viem/actions";
import { JsonProcess } from "./jsonProcess.ts";

/** Hardhat's published development mnemonic: its accounts are rich on a development chain and nowhere else. */
const MNEMONIC = "test test test test test test test test test test test junk";
const MINT = parseAbi(["function mint(address to, uint256 amount)"]);

export interface LocalNetwork {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** The deployment as a file, for commands. */
  readonly deploymentFile: string;
  /** Test money with 6 decimals that anyone may mint. */
  readonly mockUsd: Address;
  /** Entry points of the DHT, as `host:port,…`. */
  readonly dht: string;
  readonly bootstrap: readonly { host: string; port: number }[];
  /** Private key of development account `index`; 0 deployed the contracts and holds the stake tokens. */
  key(index: number): Hex;
  /** Gives an account stake tokens and test money. */
  fund(account: Address, amounts: { readonly demec?: bigint; readonly usd?: bigint }): Promise<void>;
  /** Stops one of both, for good. */
  stopChain(): Promise<unknown>;
  stopDht(): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Chain, contracts and DHT, each a process of its own, on loopback.
 * @param folder gets the deployment file
 */
export async function startLocalNetwork(folder: string): Promise<LocalNetwork> {
  const chain = new JsonProcess("scripts/local/chain.ts", [], { detached: true });
  const dht = new JsonProcess("packages/network/src/dht/localDhtMain.ts", ["--with-parent"], { detached: true });
  const stopChain = () => chain.kill("SIGTERM");
  const stopDht = () => dht.kill("SIGTERM");
  const stop = async () => {
    await Promise.all([stopChain(), stopDht()]);
  };
  try {
    const ready = (await chain.nextObject()) as { rpcUrl: string; deployment: { mockUsd: Address } };
    const { rpcUrl } = ready;
    const json = JSON.stringify(ready.deployment, null, 2);
    const deployment = parseDeployment(json);
    const { mockUsd } = ready.deployment;
    const deploymentFile = join(folder, "deployment.json");
    await writeFile(deploymentFile, json);
    const bootstrap = await dht.next<{ host: string; port: number }[]>("bootstrap");

    const key = (index: number) =>
      bytesToHex(mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey().privateKey!);
    const transport = http(rpcUrl);
    const client = createPublicClient({ transport });
    const bank = createWalletClient({ transport, account: privateKeyToAccount(key(0)) });
    const confirm = (hash: Hex) => waitForTransactionReceipt(client, { hash, pollingInterval: 50 });
    const give = { chain: null, abi: [...erc20Abi, ...MINT] } as const;
    return {
      rpcUrl,
      deployment,
      deploymentFile,
      mockUsd,
      bootstrap,
      dht: bootstrap.map(({ host, port }) => `${host}:${port}`).join(","),
      key,
      async fund(account, { demec = 0n, usd = 0n }) {
        if (demec > 0n) {
          const address = deployment.demecToken;
          await confirm(
            await writeContract(bank, { ...give, address, functionName: "transfer", args: [account, demec] }),
          );
        }
        if (usd > 0n) {
          await confirm(
            await writeContract(bank, { ...give, address: mockUsd, functionName: "mint", args: [account, usd] }),
          );
        }
      },
      stopChain,
      stopDht,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
