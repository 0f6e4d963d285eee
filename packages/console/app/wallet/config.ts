import { defineChain } from "viem";
import { type Config, createConfig, http } from "wagmi";
import { isLoopback, type Settings } from "../settings.ts";
import { announceDevWallets } from "./devWallets.ts";

/** How often a chain on this machine is asked for its newest block, and any other; milliseconds. */
const POLL_MS = { local: 1_000, other: 4_000 };

/** wagmi for one chain: installed wallets by EIP-6963, test wallets on development chains, WalletConnect where it is set up. */
export async function makeConfig(settings: Settings): Promise<Config> {
  const { chainId, chainName = `chain ${chainId}`, rpcUrls, devAccounts = [], walletConnectProjectId } = settings;
  const [rpcUrl] = rpcUrls as readonly [string];
  const chain = defineChain({
    id: chainId,
    name: chainName,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [...rpcUrls] } },
  });
  if (isLoopback(rpcUrl)) announceDevWallets(devAccounts, chainId, rpcUrl);
  const connectors = walletConnectProjectId === undefined ? [] : [await walletConnectOf(walletConnectProjectId)];
  return createConfig({
    chains: [chain],
    connectors,
    transports: { [chainId]: http(rpcUrl, { batch: true }) },
    pollingInterval: isLoopback(rpcUrl) ? POLL_MS.local : POLL_MS.other,
  });
}

async function walletConnectOf(projectId: string) {
  const { walletConnect } = await import("wagmi/connectors");
  return walletConnect({ projectId, showQrModal: true });
}
