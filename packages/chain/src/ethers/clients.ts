/** The clients that every action takes, made from what an ethers v6 dApp has. */
import { type Address, DemecError } from "@demec/protocol";
import type { JsonRpcApiProvider, Signer, TransactionRequest, TypedDataDomain, TypedDataField } from "ethers";
import { createClient, custom, type Hex, hexToBytes } from "viem";
import type { ReadClient, WriteClient } from "../types.ts";

type Send = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** A transaction as JSON-RPC has it. */
type RpcTransaction = TransactionRequest & { readonly gas?: string; readonly input?: string };

interface RpcTypedData {
  readonly domain: TypedDataDomain;
  readonly types: Record<string, TypedDataField[]>;
  readonly message: Record<string, unknown>;
}

/** A client that reads through an ethers provider. */
export function fromProvider(provider: JsonRpcApiProvider): ReadClient {
  return createClient({ transport: transportOf(reader(provider)) });
}

/**
 * A client whose account is an ethers signer: a `Wallet`, or what `BrowserProvider.getSigner()` gives. It signs and sends
 * through the signer and reads through its provider.
 * @throws chain/bad-signer unless the signer has a JSON-RPC provider
 */
export async function fromSigner(signer: Signer): Promise<WriteClient> {
  const { provider } = signer;
  if (!isJsonRpc(provider)) throw new DemecError("chain/bad-signer", "The signer has no JSON-RPC provider.");
  const address = (await signer.getAddress()) as Address;
  const read = reader(provider);
  const signing: Readonly<Record<string, (params: readonly unknown[]) => Promise<unknown>>> = {
    eth_accounts: async () => [address],
    eth_sendTransaction: async ([transaction]) => {
      const { gas, input, ...rest } = transaction as RpcTransaction;
      const request = { ...rest, ...(gas && { gasLimit: gas }), ...(input && { data: input }) };
      return (await signer.sendTransaction(request)).hash;
    },
    eth_signTypedData_v4: ([, json]) => {
      const { domain, types, message } = JSON.parse(json as string) as RpcTypedData;
      // ethers derives the domain's type itself, and refuses one that is given.
      const { EIP712Domain: _, ...named } = types;
      return signer.signTypedData(domain, named, message);
    },
    personal_sign: ([message]) => signer.signMessage(hexToBytes(message as Hex)),
  };
  const send: Send = (method, params) => signing[method]?.(params) ?? read(method, params);
  return createClient({ account: address, transport: transportOf(send) });
}

function reader(provider: JsonRpcApiProvider): Send {
  return (method, params) => provider.send(method, [...params]);
}

/** Told by what it can do: a page may have two copies of ethers. */
function isJsonRpc(provider: object | null): provider is JsonRpcApiProvider {
  return provider !== null && "send" in provider;
}

/** ethers tries again itself. */
function transportOf(send: Send) {
  const request = async ({ method, params = [] }: { method: string; params?: readonly unknown[] }) => {
    try {
      return await send(method, params);
    } catch (error) {
      throw rpcError(error);
    }
  };
  return custom({ request }, { retryCount: 0 });
}

/** What the node or the wallet said, which ethers wraps: viem reads reverts and refusals from it. */
function rpcError(error: unknown): unknown {
  const { info } = error as { info?: { error?: unknown } };
  return info?.error ?? error;
}
