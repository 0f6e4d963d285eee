import { DemecError } from "@demec/protocol";
import { numberToHex } from "viem";
import { hashHeader, parseBlock, type TrustedBlock } from "./header.ts";
import { ask, listed, type Refusal, type Rpc } from "./rpc.ts";

/** Where a light client's blocks come from. A beacon light client such as Helios can be one, see docs/light-client.md. */
export interface BlockSource {
  /** What stands behind its blocks, for reports. */
  readonly trust: string;
  /** A recent block that is settled. @throws what keeps it from finding one */
  settled(): Promise<SettledBlock>;
}

export interface SettledBlock {
  readonly block: TrustedBlock;
  /** Nodes that said otherwise, or nothing. */
  readonly refused: readonly Refusal[];
}

export interface QuorumOptions {
  readonly rpcs: readonly Rpc[];
  /** Nodes that must agree. */
  readonly quorum: number;
  /** Blocks that must be on top. */
  readonly depth: number;
  /** Whether headers are hashed as Ethereum does: else the nodes' agreement alone stands for the state root. */
  readonly ethereumHeaders: boolean;
}

interface Vote {
  readonly rpc: Rpc;
  readonly block: TrustedBlock;
}

/** Blocks that so many nodes agree on, by number, hash, state root and time. */
export class BlockQuorum implements BlockSource {
  readonly trust: string;
  readonly #options: QuorumOptions;

  constructor(options: QuorumOptions) {
    this.#options = options;
    const { quorum, rpcs, ethereumHeaders } = options;
    const header = ethereumHeaders ? "; its hash was recomputed from its header" : "";
    this.trust = `${quorum} of ${rpcs.length} nodes agree on the block${header}`;
  }

  /** @throws light/no-quorum with what each node said */
  async settled(): Promise<SettledBlock> {
    const { rpcs, quorum, depth } = this.#options;
    const refused: Refusal[] = [];
    const heights: { rpc: Rpc; height: bigint }[] = [];
    await Promise.all(
      rpcs.map(async (rpc) => {
        const answer = await ask(rpc, () => rpc.request("eth_blockNumber", []), heightIn);
        if ("value" in answer) heights.push({ rpc, height: answer.value });
        else refused.push(answer.refusal);
      }),
    );
    heights.sort((left, right) => (left.height > right.height ? -1 : left.height < right.height ? 1 : 0));
    // The highest that so many have reached: fewer liars can push it neither beyond the true chain nor back. Where these
    // disagree, a lower one that others have too.
    const targets = new Set(heights.slice(quorum - 1).map(({ height }) => height));
    let disagreed: Refusal[] = [];
    for (const target of targets) {
      const number = target > BigInt(depth) ? target - BigInt(depth) : 0n;
      const voters = heights.filter(({ height }) => height >= target).map(({ rpc }) => rpc);
      const { agreed, others } = await this.#vote(number, voters);
      if (agreed !== null) return { block: agreed, refused: [...refused, ...others] };
      disagreed = others;
    }
    const said = [...refused, ...disagreed];
    throw new DemecError(
      "light/no-quorum",
      `Of ${rpcs.length} nodes no ${quorum} agree on a block. ${listed(said)}`.trim(),
      { details: { quorum, refused: said } },
    );
  }

  async #vote(number: bigint, voters: readonly Rpc[]): Promise<{ agreed: TrustedBlock | null; others: Refusal[] }> {
    const { quorum } = this.#options;
    const others: Refusal[] = [];
    const votes: Vote[] = [];
    await Promise.all(
      voters.map(async (rpc) => {
        const fetch = () => rpc.request("eth_getBlockByNumber", [numberToHex(number), false]);
        const answer = await ask(rpc, fetch, (block) => this.#checked(block, number));
        if ("value" in answer) votes.push({ rpc, block: answer.value });
        else others.push(answer.refusal);
      }),
    );
    const agreed = votes.find(({ block }) => votes.filter((vote) => same(vote.block, block)).length >= quorum)?.block;
    for (const { rpc, block } of votes) {
      if (agreed !== undefined && same(block, agreed)) continue;
      const reason = `Its block ${number} is ${block.hash} with state ${block.stateRoot}.`;
      others.push({ rpc: rpc.name, reason });
    }
    return { agreed: agreed ?? null, others };
  }

  #checked(answer: unknown, number: bigint): TrustedBlock {
    const block = parseBlock(answer);
    if (block.number !== number) throw new Error(`It gave block ${block.number} for ${number}.`);
    if (this.#options.ethereumHeaders) {
      const actual = hashHeader(answer);
      if (actual !== block.hash) throw new Error(`Its block ${number} hashes to ${actual}, not to ${block.hash}.`);
    }
    return block;
  }
}

function same(left: TrustedBlock, right: TrustedBlock): boolean {
  return left.hash === right.hash && left.stateRoot === right.stateRoot && left.timestamp === right.timestamp;
}

function heightIn(answer: unknown): bigint {
  if (typeof answer !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(answer)) throw new Error("It gave no block number.");
  return BigInt(answer);
}
