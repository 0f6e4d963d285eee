import { type Address, DemecError, type Hex } from "@demec/protocol";
import type { Transport } from "viem";
import type { Deployment } from "../addresses.ts";
import type { Service, SessionParams } from "../types.ts";
import { BlockQuorum, type BlockSource, type SettledBlock } from "./blockQuorum.ts";
import type { TrustedBlock } from "./header.ts";
import { type ProvedProvider, providerFrom, providerQuestions } from "./provedProvider.ts";
import { serviceFrom, serviceQuestions } from "./provedService.ts";
import { type ProvedSession, sessionFrom, sessionQuestions } from "./provedSession.ts";
import { type Refusal, rpcsOf } from "./rpc.ts";
import { type Answers, type Question, StateProver } from "./stateProver.ts";

export interface LightClientOptions {
  /** Nodes of the chain, each run by somebody else: HTTP addresses or viem transports. Any of them may lie. */
  readonly nodes: readonly (string | Transport)[];
  readonly deployment: Deployment;
  /** Nodes that must agree on a block; 2 by default. */
  readonly quorum?: number;
  /** Blocks on top of the one that is used; 2 by default. What is younger is not seen. */
  readonly depth?: number;
  /** How long one block is used; milliseconds, 12,000 by default. */
  readonly blockMs?: number;
  /**
   * Set to false on a chain whose headers hash otherwise than Ethereum's: then the nodes' agreement alone stands for the
   * state root.
   */
  readonly ethereumHeaders?: boolean;
  /** Where blocks come from instead of the nodes' agreement, such as a beacon light client. */
  readonly blocks?: BlockSource;
}

/** What was found, and how far that can be relied on. */
export interface Proved<T> {
  readonly value: T;
  /** The block at which it was so. */
  readonly block: TrustedBlock;
  /** What holds whatever any node says, one sentence each. */
  readonly verified: readonly string[];
  /** What nobody has proved. */
  readonly unverified: readonly string[];
  /** Nodes whose answers did not hold, and why. */
  readonly refused: readonly Refusal[];
}

/** Reads the market by proofs. Whatever a method gives was so at a block that the quorum agrees on, or it throws. */
export interface LightClient {
  /** Keys, stake and state of a provider. */
  provider(owner: Address): Promise<Proved<ProvedProvider>>;
  /** Terms of a service. @throws chain/unknown-service, which is proved too */
  service(serviceId: bigint): Promise<Proved<Service>>;
  /**
   * A session.
   * @param params as its opening tells them: what they must be is proved by their hash, the session's id
   * @throws chain/unknown-session, which is proved too
   */
  session(sessionId: Hex, params: SessionParams): Promise<Proved<ProvedSession>>;
  /** Whether a provider, by its owner, may sell a service. */
  isEnrolled(pair: { readonly serviceId: bigint; readonly provider: Address }): Promise<Proved<boolean>>;
  /** Whether services of a meter version open no more sessions. */
  isMeterVersionRetired(meterVersion: number): Promise<Proved<boolean>>;
  /** Credits of a service that are outstanding, and the payment-token base units behind them. */
  supply(serviceId: bigint): Promise<Proved<{ readonly supply: bigint; readonly reserve: bigint }>>;
  /** Credits of a service that an account holds. */
  credits(holding: { readonly serviceId: bigint; readonly account: Address }): Promise<Proved<bigint>>;
  /** Uses a newer block from now on, where there is one. @returns the block @throws light/no-quorum */
  refresh(): Promise<TrustedBlock>;
}

/** What no proof of state can tell. */
const NEVER_VERIFIED = [
  "that the block stays in the chain",
  "what has happened since that block",
  "events, and so anything known by them alone",
] as const;

/**
 * A client that believes no node by itself.
 * @throws light/bad-options; its methods light/no-quorum, light/bad-proof, light/foreign-code
 */
export function createLightClient(options: LightClientOptions): LightClient {
  const { nodes, deployment, quorum = 2, depth = 2, blockMs = 12_000, ethereumHeaders = true } = options;
  assertOptions({ nodes, quorum, depth });
  const rpcs = rpcsOf(nodes);
  const blocks = options.blocks ?? new BlockQuorum({ rpcs, quorum, depth, ethereumHeaders });
  const prover = new StateProver(rpcs, deployment);
  let settled: { readonly found: Promise<SettledBlock>; readonly until: number } | null = null;

  const newest = (): Promise<SettledBlock> => {
    const found = blocks.settled();
    settled = { found, until: performance.now() + blockMs };
    found.catch(() => {
      settled = null;
    });
    return found;
  };
  const block = () => (settled !== null && performance.now() < settled.until ? settled.found : newest());

  async function prove<Name extends string, T>(
    questions: Record<Name, Question>,
    unverified: readonly string[],
    read: (answers: Answers<Name>, block: TrustedBlock) => T,
  ): Promise<Proved<T>> {
    const { block: at, refused } = await block();
    const answers = await prover.prove(at, questions);
    const contracts = [...answers.contracts.keys()].join(", ");
    return {
      value: read(answers, at),
      block: at,
      verified: [blocks.trust, `code and storage of ${contracts} by Merkle proofs against the block's state root`],
      unverified: [...NEVER_VERIFIED, ...unverified],
      refused: [...refused, ...answers.refused],
    };
  }

  return {
    provider: (owner) =>
      prove(providerQuestions(owner), ["that the provider is online, and what it advertises"], (answers, at) =>
        providerFrom(answers, owner, at),
      ),
    service: (serviceId) =>
      prove(serviceQuestions(serviceId), ["name, description and limits of the service"], (answers) =>
        serviceFrom(answers, serviceId),
      ),
    session: (sessionId, params) =>
      prove(sessionQuestions(sessionId), ["how a settled session was paid out"], (answers) =>
        sessionFrom(answers, sessionId, params),
      ),
    isEnrolled: ({ serviceId, provider }) =>
      prove(
        { enrolled: { contract: "registry", variable: "_enrolled", keys: [serviceId, provider] } },
        [],
        ({ stored }) => stored.enrolled as boolean,
      ),
    isMeterVersionRetired: (meterVersion) =>
      prove(
        { retired: { contract: "registry", variable: "_retired", keys: [BigInt(meterVersion)] } },
        [],
        ({ stored }) => stored.retired as boolean,
      ),
    supply: (serviceId) =>
      prove({ position: { contract: "market", variable: "positions", keys: [serviceId] } }, [], ({ stored }) => {
        const { supply, reserve } = stored.position as { supply: bigint; reserve: bigint };
        return { supply, reserve };
      }),
    credits: ({ serviceId, account }) =>
      prove(
        { balance: { contract: "accessToken", variable: "_balances", keys: [serviceId, account] } },
        [],
        ({ stored }) => stored.balance as bigint,
      ),
    refresh: async () => (await newest()).block,
  };
}

function assertOptions({
  nodes,
  quorum,
  depth,
}: Required<Pick<LightClientOptions, "nodes" | "quorum" | "depth">>): void {
  const fail = (what: string) => new DemecError("light/bad-options", what, { details: { quorum, depth } });
  if (!Number.isSafeInteger(quorum) || quorum < 1) throw fail(`A quorum of ${quorum} nodes agrees on nothing.`);
  if (nodes.length < quorum) throw fail(`${nodes.length} nodes can't make a quorum of ${quorum}.`);
  if (new Set(nodes).size !== nodes.length) throw fail("A node that is named twice agrees with itself.");
  if (!Number.isSafeInteger(depth) || depth < 0) throw fail(`A depth of ${depth} blocks is none.`);
}
