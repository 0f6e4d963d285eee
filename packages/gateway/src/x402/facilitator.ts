import type { Deployment, ReadClient, WriteClient } from "@demec/chain";
import { turnsOf } from "@demec/sdk";
import { x402Facilitator } from "@x402/core/facilitator";
import { type FacilitatorClient, x402ResourceServer } from "@x402/core/server";
import type { Network } from "@x402/core/types";
import { toFacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme as ExactFacilitator } from "@x402/evm/exact/facilitator";
import { ExactEvmScheme as ExactServer } from "@x402/evm/exact/server";
import {
  getCode,
  readContract,
  sendTransaction,
  verifyTypedData,
  waitForTransactionReceipt,
  writeContract,
} from "viem/actions";

/** How long the chain may take to confirm a settlement; milliseconds. */
const CONFIRMATION_MS = 60_000;

interface Chain {
  readonly client: ReadClient;
  readonly wallet: WriteClient;
  readonly deployment: Pick<Deployment, "chainId">;
}

export const networkOf = ({ chainId }: Pick<Deployment, "chainId">): Network => `eip155:${chainId}`;

/**
 * The official x402 server over a facilitator in this process: payments are verified against our own node and brought to
 * the chain by our own wallet, in turn with what else it sends. Nobody else hears of them.
 */
export async function makeResourceServer(chain: Chain): Promise<x402ResourceServer> {
  const network = networkOf(chain.deployment);
  const facilitator = new x402Facilitator().register(network, new ExactFacilitator(signerOf(chain)));
  const inProcess: FacilitatorClient = {
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
    getSupported: async () => facilitator.getSupported() as Awaited<ReturnType<FacilitatorClient["getSupported"]>>,
  };
  const server = new x402ResourceServer(inProcess).register(network, new ExactServer());
  await server.initialize();
  return server;
}

function signerOf({ client, wallet, deployment }: Chain) {
  const { account } = wallet;
  const turns = turnsOf(deployment.chainId, account.address);
  // The library's calls carry their ABIs as data, which viem's types can't see through.
  const sent = { account, chain: null } as const;
  return toFacilitatorEvmSigner(
    {
      address: account.address,
      readContract: (call) => readContract(client, call as never),
      verifyTypedData: (signed) => verifyTypedData(client, signed as never),
      writeContract: (call) => turns.run(() => writeContract(wallet, { ...call, ...sent } as never)),
      sendTransaction: (call) => turns.run(() => sendTransaction(wallet, { ...call, ...sent } as never)),
      waitForTransactionReceipt: (wait) => waitForTransactionReceipt(client, wait),
      getCode: (of) => getCode(client, of),
    },
    { confirmationTimeoutMs: CONFIRMATION_MS },
  );
}
