import {
  approveExact,
  bindOperator,
  type Deployment,
  enrol,
  getProvider,
  getProviderKeys,
  listEnrolledProviders,
  makeOperatorConsent,
  type ProviderKeys,
  type ReadClient,
  registerProvider,
  setNodeKey,
  setRegions,
  stake,
  type WriteClient,
} from "@demec/chain";
import type { Hex } from "@demec/protocol";
import { privateKeyToAddress } from "viem/accounts";

export interface SetUpOptions {
  readonly client: ReadClient;
  /** Wallet of the owner: the cold account whose stake it is. */
  readonly ownerWallet: WriteClient;
  readonly deployment: Deployment;
  readonly operatorPrivateKey: Hex;
  readonly nodeKey: Hex;
  readonly regions: readonly string[];
  /** Stake to reach; stake-token base units. */
  readonly stake: bigint;
  readonly serviceIds: readonly bigint[];
}

/**
 * Makes the chain say what a provider is about to be; does only what is missing, so that it can run at every start.
 * @returns keysHoldFrom: unix time from which the chain knows the provider by these keys; 0 if it does already. The first
 * keys hold at once, others after the rotation delay: until then buyers look for the former ones.
 */
export async function setUpProvider(options: SetUpOptions): Promise<{ keysHoldFrom: bigint }> {
  const { client, ownerWallet, deployment, operatorPrivateKey, nodeKey, regions, serviceIds } = options;
  const owner = ownerWallet.account.address;
  const now = await getProvider(client, deployment, owner);
  const missing = options.stake - now.staked;
  if (missing > 0n) {
    await approveExact(ownerWallet, deployment, {
      token: deployment.demecToken,
      spender: deployment.staking,
      amount: missing,
    });
    await stake(ownerWallet, deployment, missing);
  }
  const consent = () => makeOperatorConsent(client, deployment, { owner, operatorPrivateKey });
  if (!now.registered) {
    await registerProvider(ownerWallet, deployment, { ...(await consent()), nodeKey, regions });
  } else {
    // One by one: announcing a key anew would start its delay anew.
    const keys = await getProviderKeys(client, deployment, owner);
    if (!isSameKey(operatorToCome(keys), privateKeyToAddress(operatorPrivateKey)))
      await bindOperator(ownerWallet, deployment, await consent());
    if (!isSameKey(nodeKeyToCome(keys), nodeKey)) await setNodeKey(ownerWallet, deployment, nodeKey);
    if (now.regions.join() !== regions.join()) await setRegions(ownerWallet, deployment, regions);
  }
  for (const serviceId of serviceIds) await enrolIfMissing({ client, ownerWallet, deployment }, serviceId);
  const { nextOperatorFrom, nextNodeKeyFrom } = await getProviderKeys(client, deployment, owner);
  return { keysHoldFrom: nextOperatorFrom > nextNodeKeyFrom ? nextOperatorFrom : nextNodeKeyFrom };
}

/** Enrols the owner in a service, unless it has enrolled already. */
export async function enrolIfMissing(
  { client, ownerWallet, deployment }: Pick<SetUpOptions, "client" | "ownerWallet" | "deployment">,
  serviceId: bigint,
): Promise<void> {
  const owner = ownerWallet.account.address;
  const enrolled = await listEnrolledProviders(client, deployment, serviceId);
  if (!enrolled.some((provider) => isSameKey(provider, owner))) await enrol(ownerWallet, deployment, serviceId);
}

const operatorToCome = (keys: ProviderKeys) => (keys.nextOperatorFrom === 0n ? keys.operator : keys.nextOperator);
const nodeKeyToCome = (keys: ProviderKeys) => (keys.nextNodeKeyFrom === 0n ? keys.nodeKey : keys.nextNodeKey);
const isSameKey = (one: Hex, other: Hex) => one.toLowerCase() === other.toLowerCase();
