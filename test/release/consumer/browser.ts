// What a dApp's page imports: bundled by Vite and webpack, type-checked under `moduleResolution: bundler`, without Node's types.
import { parseDeployment, quoteBuy } from "@demec/chain";
import { createDemec, MemoryVault } from "@demec/sdk";
import { connect } from "@demec/sdk/browser";
import { createPublicClient, http } from "viem";

/** What `credits` of a service cost now; payment-token base units. */
export async function quote(rpcUrl: string, deployment: string, serviceId: bigint, credits: bigint): Promise<bigint> {
  const client = createPublicClient({ transport: http(rpcUrl) });
  return (await quoteBuy(client, parseDeployment(deployment), { serviceId, credits })).cost;
}

export const parts = { connect, createDemec, MemoryVault };
