import {
  approveExact,
  type Deployment,
  enrol,
  getProvider,
  listEnrolledProviders,
  makeOperatorConsent,
  type ReadClient,
  registerProvider,
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

/** Makes the chain say what a provider is about to be; does only what is missing, so that it can run at every start. */
export async function setUpProvider(options: SetUpOptions): Promise<void> {
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
  const operator = privateKeyToAddress(operatorPrivateKey);
  const same =
    now.registered &&
    now.operator.toLowerCase() === operator.toLowerCase() &&
    now.nodeKey === nodeKey &&
    now.regions.join() === regions.join();
  if (!same) {
    const consent = await makeOperatorConsent(client, deployment, { owner, operatorPrivateKey });
    await registerProvider(ownerWallet, deployment, { ...consent, nodeKey, regions });
  }
  for (const serviceId of serviceIds) {
    const enrolled = await listEnrolledProviders(client, deployment, serviceId);
    if (!enrolled.some((provider) => provider.toLowerCase() === owner.toLowerCase()))
      await enrol(ownerWallet, deployment, serviceId);
  }
}
