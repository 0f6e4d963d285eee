import { type Address, DemecError } from "@demec/protocol";
import { getAddress, isAddress } from "viem";

/** An account as `did:pkh`, with a checksummed address: `did:pkh:eip155:<chain>:<address>`. */
export function formatDid(chainId: number, account: Address): string {
  return `did:pkh:eip155:${chainId}:${getAddress(account)}`;
}

/** Account of a `did:pkh` of this chain. @throws access/bad-token for anything else */
export function accountOfDid(chainId: number, did: string | undefined): Address {
  const prefix = `did:pkh:eip155:${chainId}:`;
  const account = did?.startsWith(prefix) ? did.slice(prefix.length) : "";
  if (!isAddress(account)) {
    throw new DemecError("access/bad-token", `"${did}" names no account of chain ${chainId}.`, {
      details: { did, chainId },
    });
  }
  return getAddress(account);
}
