// A Lit network on loopback: three nodes with shares of one BLS key, two of which decrypt together, and the contract that
// lists them. The nodes check sessions and conditions by themselves, against the test's chain.
import { createHash } from "node:crypto";
import type { Address } from "@demec/protocol";
import { type Hex, isHex, type PublicClient } from "viem";
import type { TestChain } from "../support/market.ts";
import { checkConditions } from "./conditionCheck.ts";
import { type JsonAnswer, type JsonServer, serveJson } from "./serveJson.ts";
import { checkSession } from "./sessionCheck.ts";
import { type KeyShare, signPart, splitKey } from "./thresholdBls.ts";

/** By this name of Lit's the nodes know the test's chain. */
export const CHAIN_NAME = "amoy";
const [THRESHOLD, COUNT] = [2, 3];

export interface LitNetwork {
  /** The contract that lists the nodes. */
  readonly staking: Address;
  readonly nodes: readonly JsonServer[];
  stop(): Promise<void>;
}

/** @param lying how many of the nodes sign whatever they are asked to */
export async function startLitNetwork({ connection, publicClient }: TestChain, lying = 0): Promise<LitNetwork> {
  const { publicKey, shares } = splitKey(THRESHOLD, COUNT);
  const nodes: JsonServer[] = [];
  for (const share of shares) {
    const node: JsonServer = await serveJson(async ({ path, body }) => {
      if (path === "/web/handshake/") return { body: await handshake(publicClient, publicKey) };
      if (path !== "/web/encryption/sign/") return { status: 404, body: {} };
      return sign(publicClient, { node: node.url, share, isHonest: share.at > lying, body });
    });
    nodes.push(node);
  }
  const ports = nodes.map(({ port }) => port);
  const { address } = await connection.viem.deployContract("LitValidators", [BigInt(THRESHOLD), ports]);
  return {
    staking: address,
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

async function handshake(client: PublicClient, publicKey: string) {
  const { hash } = await client.getBlock();
  return {
    serverPublicKey: "00".repeat(32),
    ...{ subnetPublicKey: publicKey, networkPublicKey: publicKey, networkPublicKeySet: publicKey },
    hdRootPubkeys: [],
    latestBlockhash: hash,
  };
}

interface SignRequest {
  readonly node: string;
  readonly share: KeyShare;
  readonly isHonest: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: it is as whoever asks has made it.
  readonly body: any;
}

async function sign(client: PublicClient, { node, share, isHonest, body }: SignRequest): Promise<JsonAnswer> {
  const { unifiedAccessControlConditions: conditions, dataToEncryptHash, authSig } = body;
  const isBlock = async (hash: string) =>
    isHex(hash) && (await client.getBlock({ blockHash: hash as Hex }).catch(() => null)) !== null;
  if (isHonest) {
    let account: Address;
    try {
      account = await checkSession(authSig, { node, isBlock });
    } catch (error) {
      return refusal("NodeInvalidAuthSig", String(error));
    }
    if (!(await checkConditions(client, { chain: CHAIN_NAME, account }, conditions)))
      return refusal("NodeAccessControlConditionsReturnedNotAuthorized", "not authorized");
  }
  const hash = createHash("sha256").update(JSON.stringify(conditions)).digest("hex");
  const identity = new TextEncoder().encode(`lit-accesscontrolcondition://${hash}/${dataToEncryptHash}`);
  const signatureShare = { ProofOfPossession: signPart(identity, share) };
  return { body: { result: "success", signatureShare, shareIndex: share.at } };
}

function refusal(errorCode: string, message: string): JsonAnswer {
  return { status: 401, body: { errorKind: "Validation", errorCode, status: 401, message } };
}
