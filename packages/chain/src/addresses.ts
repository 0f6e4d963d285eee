import { type Address, DemecError } from "@demec/protocol";
import { getAddress, isAddress } from "viem";

/** Where one instance of the system lives. */
export interface Deployment {
  readonly chainId: number;
  readonly demecToken: Address;
  readonly staking: Address;
  /** What others put behind providers. */
  readonly delegation: Address;
  readonly registry: Address;
  readonly accessToken: Address;
  readonly market: Address;
  readonly escrow: Address;
  readonly court: Address;
  readonly guardian: Address;
  readonly administration: Address;
  readonly limitOrders: Address;
  /** Block from which its events are searched. */
  readonly deploymentBlock: bigint;
}

/** Deployments that the project stands behind, by chain id. None yet: test networks come with their rehearsed deployment. */
export const KNOWN_DEPLOYMENTS: Readonly<Record<number, Deployment>> = {};

/** The fields of a {@link Deployment} that are contracts. */
export const CONTRACT_FIELDS = [
  "demecToken",
  "staking",
  "delegation",
  "registry",
  "accessToken",
  "market",
  "escrow",
  "court",
  "guardian",
  "administration",
  "limitOrders",
] as const;

/** Reads what `scripts/deploy.ts` wrote. @throws chain/bad-deployment naming the field that is missing or malformed */
export function parseDeployment(json: string): Deployment {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(json) as Record<string, unknown>;
  } catch (cause) {
    throw new DemecError("chain/bad-deployment", "The deployment is not JSON.", { cause });
  }
  const fail = (field: string) =>
    new DemecError("chain/bad-deployment", `Field ${field} of the deployment is ${String(value?.[field])}.`, {
      details: { field, value: value?.[field] },
    });
  if (!Number.isSafeInteger(value?.chainId)) throw fail("chainId");
  const contracts = {} as Record<(typeof CONTRACT_FIELDS)[number], Address>;
  for (const field of CONTRACT_FIELDS) {
    const address = value[field];
    if (typeof address !== "string" || !isAddress(address)) throw fail(field);
    contracts[field] = getAddress(address);
  }
  const block = value.deploymentBlock;
  if (typeof block !== "string" || !/^\d+$/.test(block)) throw fail("deploymentBlock");
  return { chainId: value.chainId as number, ...contracts, deploymentBlock: BigInt(block) };
}

/** Inverse of {@link parseDeployment}; the block number is a decimal string, since JSON has no bigint. */
export function formatDeployment(deployment: Deployment): string {
  return JSON.stringify({ ...deployment, deploymentBlock: deployment.deploymentBlock.toString() }, null, 2);
}
