// Nodes that lie, as a process: a proxy in front of an honest one that changes what it answers. Prints {"rpcUrl":"…"} and runs
// until SIGTERM. A path below that address is the lie that is told there, whatever comes after it: /stake, /stake/again.
//   node test/support/lyingRpc.ts <honest node> <node of another chain>
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { providerStakingAbi, serviceRegistryAbi, slaEscrowAbi } from "@demec/chain";
import { decodeFunctionResult, encodeFunctionResult, fromRlp, type Hex, toFunctionSelector, toHex, toRlp } from "viem";

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}
type Lie = (request: Request, answer: (request: Request) => Promise<unknown>) => Promise<unknown>;

const [honest, other] = process.argv.slice(2) as [string, string];
const FALSE_KEY: Hex = `0x${"66".repeat(32)}`;

/** Calls of one view of the contracts, with another result. */
function onCall(selector: Hex, change: (result: Hex) => Hex): Lie {
  return async (request, answer) => {
    const result = await answer(request);
    const { data, input } = (request.params?.[0] ?? {}) as { data?: Hex; input?: Hex };
    return request.method === "eth_call" && (data ?? input)?.startsWith(selector) ? change(result as Hex) : result;
  };
}

/** Answers to one method, changed. */
function onMethod(method: string, change: (answer: never) => unknown): Lie {
  return async (request, answer) => {
    const result = await answer(request);
    return request.method === method ? change(result as never) : result;
  };
}

interface Proof {
  readonly accountProof: readonly Hex[];
  readonly storageProof: readonly { readonly key: Hex; readonly value: Hex; readonly proof: readonly Hex[] }[];
}

/** Proofs whose leaves say something else than the chain's: what a liar would have to prove. */
const withFalseLeaves = onMethod("eth_getProof", (proof: Proof) => ({
  ...proof,
  storageProof: proof.storageProof.map((entry) => {
    if (BigInt(entry.value) === 0n) return entry;
    const value = toHex(BigInt(entry.value) ^ 1n);
    const leaf = fromRlp(entry.proof.at(-1)!, "hex") as Hex[];
    return { ...entry, value, proof: [...entry.proof.slice(0, -1), toRlp([leaf[0]!, toRlp(value)])] };
  }),
}));

const both =
  (...lies: readonly Lie[]): Lie =>
  (request, answer) =>
    lies.reduceRight<(request: Request) => Promise<unknown>>(
      (inner, lie) => (asked) => lie(asked, inner),
      answer,
    )(request);

type ProviderView = Record<"staked" | "nodeKey", unknown>;
const falseProvider = (change: (provider: ProviderView) => ProviderView) =>
  onCall(toFunctionSelector("getProvider(address)"), (data) => {
    const view = { abi: providerStakingAbi, functionName: "getProvider" } as const;
    const provider = decodeFunctionResult({ ...view, data });
    return encodeFunctionResult({ ...view, result: change(provider) as never });
  });
const falseSession = onCall(toFunctionSelector("getSession(bytes32)"), (data) => {
  const view = { abi: slaEscrowAbi, functionName: "getSession" } as const;
  return encodeFunctionResult({ ...view, result: { ...decodeFunctionResult({ ...view, data }), status: 1 } });
});

const falseService = onCall(toFunctionSelector("getService(uint256)"), (data) => {
  const view = { abi: serviceRegistryAbi, functionName: "getService" } as const;
  return encodeFunctionResult({ ...view, result: { ...decodeFunctionResult({ ...view, data }), codeHash: FALSE_KEY } });
});

const LIES = {
  stake: both(
    falseProvider((provider) => ({ ...provider, staked: 10n ** 30n })),
    withFalseLeaves,
  ),
  nodeKey: both(
    falseProvider((provider) => ({ ...provider, nodeKey: FALSE_KEY })),
    withFalseLeaves,
  ),
  session: both(falseSession, withFalseLeaves),
  service: both(falseService, withFalseLeaves),
  /** Of every contract the same: one that does nothing. */
  code: onMethod("eth_getCode", () => "0x00"),
  /** That nothing is stored anywhere. */
  absence: onMethod("eth_getProof", (proof: Proof) => ({
    ...proof,
    storageProof: proof.storageProof.map((entry) => ({ ...entry, value: "0x0", proof: [] })),
  })),
  /** Sound proofs, of the state some blocks before. */
  oldState: (request, answer) => {
    const { method, params = [] } = request;
    if (method !== "eth_getProof") return answer(request);
    return answer({ ...request, params: [...params.slice(0, 2), toHex(BigInt(params[2] as Hex) - 3n)] });
  },
  blockHash: onMethod("eth_getBlockByNumber", (block: object) => ({ ...block, hash: FALSE_KEY })),
  /** The true hash above a state of the liar's own. */
  header: onMethod("eth_getBlockByNumber", (block: object) => ({ ...block, stateRoot: FALSE_KEY })),
  height: onMethod("eth_blockNumber", () => toHex(2n ** 40n)),
  /** Its chain is sound in itself, but another one: its operator's. */
  otherChain: (request, answer) => answer(request),
} satisfies Record<string, Lie>;
export type LieName = keyof typeof LIES;

async function forward(request: Request, upstream: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", ...request });
  const response = await fetch(upstream, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
  if (error !== undefined) throw error;
  return result;
}

async function answer(request: Request, name: LieName): Promise<object> {
  const { id } = request;
  const upstream = name === "otherChain" ? other : honest;
  try {
    return { jsonrpc: "2.0", id, result: await LIES[name](request, (asked) => forward(asked, upstream)) };
  } catch (error) {
    return { jsonrpc: "2.0", id, error };
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Request | Request[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const server = createServer(async (incoming, outgoing) => {
  // Pages of any origin may ask, as they may ask the honest node.
  outgoing.setHeader("access-control-allow-origin", "*").setHeader("access-control-allow-headers", "content-type");
  if (incoming.method === "OPTIONS") return void outgoing.end();
  const lie = incoming.url!.split("/")[1] as LieName;
  const asked = await bodyOf(incoming);
  const answered = await (Array.isArray(asked)
    ? Promise.all(asked.map((one) => answer(one, lie)))
    : answer(asked, lie));
  outgoing.setHeader("content-type", "application/json").end(JSON.stringify(answered));
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
process.once("SIGTERM", () => process.exit());
