import { type ReadClient, toDemecError } from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
import { verifyHash } from "viem/actions";

/**
 * Whether an account signed a digest: by its key, or by what its contract says (ERC-1271), deployed or not yet
 * (ERC-6492). Asked of the chain, because an address doesn't tell what it is.
 * @throws chain/rpc
 */
export async function isSignedBy(
  client: ReadClient,
  { account, digest, signature }: { account: Address; digest: Hex; signature: Hex },
): Promise<boolean> {
  try {
    return await verifyHash(client, { address: account, hash: digest, signature });
  } catch (error) {
    throw toDemecError(error);
  }
}
