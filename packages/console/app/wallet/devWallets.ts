// Test wallets of a development chain, announced as installed wallets are (EIP-6963): the chain's node holds their keys.
import { type Address, type EIP1193Parameters, http, numberToHex } from "viem";

/** A picture for the list of wallets: a letter on a disc. */
const icon = (letter: number) =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#6b7280"/><text x="16" y="21.5" font-family="sans-serif" font-size="16" text-anchor="middle" fill="#fff">${letter}</text></svg>`,
  )}`;

interface Request {
  readonly method: string;
  readonly params?: unknown;
}

/** Has every account answer to wagmi's search for wallets, from now on. */
export function announceDevWallets(accounts: readonly Address[], chainId: number, rpcUrl: string): void {
  const node = http(rpcUrl)({});
  for (const [index, account] of accounts.entries()) {
    // Which sites a wallet lets in is the wallet's to remember.
    const key = `demec:test-wallet:${account}`;
    const request = async ({ method, params }: Request): Promise<unknown> => {
      if (method === "eth_accounts") return localStorage.getItem(key) === null ? [] : [account];
      if (method === "eth_requestAccounts") {
        localStorage.setItem(key, "connected");
        return [account];
      }
      if (method === "wallet_revokePermissions") return localStorage.removeItem(key);
      if (method === "eth_chainId") return numberToHex(chainId);
      if (method === "personal_sign") {
        const [data, signer] = params as [string, string];
        return node.request({ method: "eth_sign", params: [signer, data] } as EIP1193Parameters as never);
      }
      return node.request({ method, params } as EIP1193Parameters as never);
    };
    const provider = { request, on() {}, removeListener() {} };
    const info = {
      uuid: `00000000-0000-4000-8000-${account.slice(2, 14).toLowerCase()}`,
      name: `Test wallet ${index + 1}`,
      icon: icon(index + 1),
      rdns: `dev.demec.test${index + 1}`,
    };
    const announce = () => {
      const detail = Object.freeze({ info, provider });
      window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    };
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  }
}
