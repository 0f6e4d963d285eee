import type { Address, Hex } from "@demec/protocol";
import { zeroAddress } from "viem";
import type { Provider } from "../types.ts";
import { delegatedTo } from "./delegationPool.ts";
import type { TrustedBlock } from "./header.ts";
import type { Answers, Question } from "./stateProver.ts";

/** A provider whose every field is proved. */
export interface ProvedProvider extends Provider {
  /** Stake-token base units that slashes could not find; none may open sessions while it owes. */
  readonly debt: bigint;
}

/** `DelegatedStake.MAX_LEVERAGE`. */
const MAX_LEVERAGE = 4n;
const UINT96 = (1n << 96n) - 1n;

/** What has to be read of a provider. */
export function providerQuestions(owner: Address) {
  const of = (variable: Extract<Question, { contract: "staking" }>["variable"]): Question => ({
    contract: "staking",
    variable,
    keys: [owner],
  });
  return {
    operator: of("_operators"),
    nextOperator: of("_nextOperators"),
    nodeKey: of("_nodeKeys"),
    regions: of("_regions"),
    stake: of("_stakes"),
    leaving: of("_leaving"),
    debt: of("_debts"),
    pool: { contract: "delegation", variable: "_pools", keys: [owner] },
  } as const satisfies Record<string, Question>;
}

/** What `ProviderStaking.getProvider` makes of the same slots at the same time. */
export function providerFrom(
  { stored, contracts }: Answers<keyof ReturnType<typeof providerQuestions>>,
  owner: Address,
  { timestamp }: TrustedBlock,
): ProvedProvider {
  const held = stored.operator as { operator: Address; registered: boolean; nextFrom: bigint };
  const key = stored.nodeKey as { key: Hex; next: Hex; nextFrom: bigint };
  const leaving = stored.leaving as { unbonding: bigint; releasableAt: bigint };
  const { amount: debt } = stored.debt as { amount: bigint };
  // `types/Stake.sol` packs a stake into one word.
  const { word } = stored.stake as { word: bigint };
  const staked = word & UINT96;
  const bonded = (word >> 96n) & UINT96;
  const isIndebted = word >> 248n !== 0n;

  const operator = isPast(held.nextFrom, timestamp) ? (stored.nextOperator as Address) : held.operator;
  const { assets, staying } = delegatedTo(stored.pool, timestamp);
  const most = MAX_LEVERAGE * staked;
  const room = staked + (staying < most ? staying : most);
  const minStake = BigInt(contracts.get("staking")!.immutables.get("minStake")!);
  return {
    owner,
    operator,
    nodeKey: isPast(key.nextFrom, timestamp) ? key.next : key.key,
    regions: stored.regions as string[],
    staked,
    bonded,
    unbonding: leaving.unbonding,
    releasableAt: leaving.releasableAt,
    delegated: assets,
    free: room > bonded ? room - bonded : 0n,
    registered: held.registered,
    active: held.registered && operator !== zeroAddress && staked >= minStake && !isIndebted,
    debt,
  };
}

const isPast = (from: bigint, now: bigint) => from !== 0n && from <= now;
