import { type Address, DemecError, type Hex } from "@demec/protocol";
import { fromRlp, isHex, keccak256, numberToHex } from "viem";
import type { Deployment } from "../addresses.ts";
import { CODES, LAYOUTS } from "../generated/layouts.ts";
import { assertCode, type ContractCode, codeWithHash, type KnownContract } from "./code.ts";
import type { TrustedBlock } from "./header.ts";
import { type Place, placeOf, type Stored, slotName, slotsOf, storedAt } from "./layout.ts";
import { provedValue, trieNodes } from "./merkleProof.ts";
import { ask, listed, type Refusal, type Rpc } from "./rpc.ts";

/** Contracts whose storage is proved: fields of a deployment. */
export type ProvedContract = keyof typeof LAYOUTS;

/** A variable of a contract, or an entry of a mapping. */
export type Question = {
  readonly [C in ProvedContract]: {
    readonly contract: C;
    readonly variable: keyof (typeof LAYOUTS)[C] & string;
    readonly keys?: readonly (Hex | bigint)[];
  };
}[ProvedContract];

export interface Answers<Name extends string> {
  readonly stored: Readonly<Record<Name, Stored>>;
  readonly contracts: ReadonlyMap<ProvedContract, KnownContract>;
  readonly refused: readonly Refusal[];
}

interface Account {
  readonly codeHash: Hex;
  readonly storageRoot: Hex;
}

/** Items of an array that are asked for: a provider's regions at most. */
const MAX_ITEMS = 8;

/** Reads contracts' storage by Merkle proofs, from any node that gives some. */
export class StateProver {
  readonly #rpcs: readonly Rpc[];
  readonly #deployment: Deployment;
  readonly #codes: Readonly<Record<ProvedContract, ContractCode>>;
  /** A contract's code never changes. */
  readonly #known = new Map<ProvedContract, KnownContract>();

  constructor(
    rpcs: readonly Rpc[],
    deployment: Deployment,
    codes = CODES as Readonly<Record<ProvedContract, ContractCode>>,
  ) {
    this.#rpcs = rpcs;
    this.#deployment = deployment;
    this.#codes = codes;
  }

  /**
   * Answers all questions from one node, the next one where its proofs don't hold.
   * @throws light/bad-proof when no node proves all; light/foreign-code
   */
  async prove<Name extends string>(block: TrustedBlock, questions: Record<Name, Question>): Promise<Answers<Name>> {
    const refused: Refusal[] = [];
    for (const rpc of this.#rpcs) {
      const answer = await ask(
        rpc,
        () => this.#fetch(rpc, block, questions),
        (proofs) => this.#read(block, questions, proofs as Fetched),
      );
      if ("value" in answer) return { ...answer.value, refused };
      refused.push(answer.refusal);
    }
    throw new DemecError("light/bad-proof", `No node proves its state at block ${block.number}. ${listed(refused)}`, {
      details: { block, refused },
    });
  }

  /** Proofs of all that is asked, and code that has not been seen yet, in one batch. */
  async #fetch(rpc: Rpc, block: TrustedBlock, questions: Record<string, Question>): Promise<Fetched> {
    const slots = new Map<ProvedContract, bigint[]>();
    for (const question of Object.values(questions)) {
      const { contract } = question;
      slots.set(contract, [...(slots.get(contract) ?? []), ...slotsOf(placeIn(question), MAX_ITEMS)]);
    }
    const at = numberToHex(block.number);
    const fetched = [...slots].map(async ([contract, asked]) => {
      const address = this.#deployment[contract];
      const [proof, code] = await Promise.all([
        rpc.request("eth_getProof", [address, asked.map(slotName), at]),
        this.#known.has(contract) ? null : rpc.request("eth_getCode", [address, at]),
      ]);
      return { contract, asked, proof, code };
    });
    return Promise.all(fetched);
  }

  #read<Name extends string>(
    block: TrustedBlock,
    questions: Record<Name, Question>,
    fetched: Fetched,
  ): Omit<Answers<Name>, "refused"> {
    const words = new Map<ProvedContract, Map<bigint, bigint>>();
    const contracts = new Map<ProvedContract, KnownContract>();
    for (const { contract, asked, proof, code } of fetched) {
      const address = this.#deployment[contract];
      const { accountProof, storageProof } = proofIn(proof);
      const account = accountIn(provedValue(trieNodes(accountProof), block.stateRoot, keccak256(address)), address);
      const known = this.#known.get(contract) ?? this.#knownBy(codeWithHash(code, account.codeHash), contract);
      this.#known.set(contract, known);
      contracts.set(contract, known);
      const nodes = trieNodes(storageProof);
      const valueAt = (slot: bigint) => numberIn(provedValue(nodes, account.storageRoot, keccak256(slotName(slot))));
      words.set(contract, new Map(asked.map((slot) => [slot, valueAt(slot)])));
    }
    const stored = Object.entries<Question>(questions).map(([name, question]): [string, Stored] => {
      const proved = words.get(question.contract)!;
      const word = (slot: bigint) => {
        const value = proved.get(slot);
        if (value === undefined) throw new Error(`Slot ${slot} was not asked for.`);
        return value;
      };
      return [name, storedAt(placeIn(question), word)];
    });
    return { stored: Object.fromEntries(stored) as Record<Name, Stored>, contracts };
  }

  #knownBy(code: Hex, contract: ProvedContract): KnownContract {
    const deployment = this.#deployment;
    return assertCode(code, this.#codes[contract], { address: deployment[contract], deployment });
  }
}

type Fetched = readonly {
  readonly contract: ProvedContract;
  readonly asked: readonly bigint[];
  readonly proof: unknown;
  readonly code: unknown;
}[];

function placeIn({ contract, variable, keys = [] }: Question): Place {
  const layout: Readonly<Record<string, { slot: number; type: Place["type"] }>> = LAYOUTS[contract];
  return placeOf(layout[variable]!, keys);
}

/** @returns nodes of both proofs @throws Error where it is no proof */
function proofIn(answer: unknown): { accountProof: Hex[]; storageProof: Hex[] } {
  const { accountProof, storageProof } = (answer ?? {}) as { accountProof?: unknown; storageProof?: unknown };
  if (!Array.isArray(storageProof)) throw new Error("It gave no proof.");
  return {
    accountProof: nodesIn(accountProof),
    storageProof: storageProof.flatMap((entry: { proof?: unknown } | null) => nodesIn(entry?.proof)),
  };
}

function nodesIn(proof: unknown): Hex[] {
  if (!Array.isArray(proof) || !proof.every((node) => isHex(node))) throw new Error("It gave no proof.");
  return proof;
}

/** An account as the state trie has it: nonce, balance, storage root, code hash. */
function accountIn(encoded: Hex | null, address: Address): Account {
  if (encoded === null) {
    throw new DemecError("light/foreign-code", `There is no contract at ${address}.`, { details: { address } });
  }
  const [, , storageRoot, codeHash] = fromRlp(encoded, "hex") as Hex[];
  if (storageRoot?.length !== 66 || codeHash?.length !== 66) throw new Error("The account is malformed.");
  return { storageRoot, codeHash };
}

/** A storage trie holds no zeros, and numbers without their leading ones. */
function numberIn(encoded: Hex | null): bigint {
  if (encoded === null) return 0n;
  const value = fromRlp(encoded, "hex");
  if (typeof value !== "string" || value.length < 4 || value.length > 66) throw new Error("A slot is malformed.");
  return BigInt(value);
}
