import type { SecretOpener } from "@demec/access";
import {
  answerDemand,
  type Deployment,
  getSession,
  listOpenDemands,
  type OpenDemand,
  type ReadClient,
  refuseDemand,
  type SessionParams,
  type WriteClient,
} from "@demec/chain";
import {
  type Address,
  DEMAND_REFUSAL,
  type DemandAnswer,
  type DemandRefusal,
  type DemandRefusalReason,
  DemecError,
  executionHash,
  type Hex,
  isDemecError,
  outputHash,
  signMessageOf,
} from "@demec/protocol";
import { bytesToHex } from "viem";
import { getBlock } from "viem/actions";
import { callerOf, openSecrets } from "./callGuard.ts";
import type { CallPort } from "./executorPort.ts";
import type { Logger } from "./logger.ts";
import type { ProviderPolicy } from "./policy.ts";
import type { ServedService } from "./servedService.ts";

export interface DemandDeskOptions {
  readonly client: ReadClient;
  /** Operator's wallet: it pays the gas that the deposit makes up for. */
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly owner: Address;
  readonly operator: Address;
  readonly operatorPrivateKey: Hex;
  readonly executor: CallPort;
  readonly policy: Pick<ProviderPolicy, "demands" | "maxDeadlineMs">;
  readonly serviceOf: (serviceId: bigint) => ServedService | undefined;
  readonly opener: SecretOpener | null;
  readonly logger: Logger;
}

/** Blocks that are looked at again each time: a reorganisation may have changed what they hold. */
const REORG_BLOCKS = 16n;
/** Longest output put on chain for demands that an earlier policy consented to. */
const DEFAULT_MAX_OUTPUT_BYTES = 4096;
/** Answers to these would only fail again: somebody else has ended the demand, or it is too late. */
const OVER = ["chain/not-demanded", "chain/deadline-passed", "chain/bad-answer"] as const;

interface Taken {
  readonly demand: OpenDemand;
  isPreparing: boolean;
  /** Says what was decided; null until then. */
  send: (() => Promise<unknown>) | null;
}

/** Answers what buyers demand on chain: whoever is silent there loses bond and session. */
export class DemandDesk {
  readonly #options: DemandDeskOptions;
  /** Demands that were taken up here and are not over yet. */
  readonly #taken = new Map<Hex, Taken>();
  readonly #preparing = new Set<Promise<void>>();
  #fromBlock: bigint;

  constructor(options: DemandDeskOptions) {
    this.#options = options;
    // The first time all of it: an earlier run may have left something unanswered.
    this.#fromBlock = options.deployment.deploymentBlock;
  }

  /** Takes up new demands and sends the answers that are ready. Executions go on meanwhile. Never throws. */
  async review(): Promise<void> {
    const { client, deployment, owner, logger } = this.#options;
    try {
      const { number, timestamp } = await getBlock(client);
      const demands = await listOpenDemands(client, deployment, { provider: owner, fromBlock: this.#fromBlock });
      for (const demand of demands) {
        if (this.#taken.has(demand.demandId)) continue;
        const { sessionId, demandId, deadline } = demand;
        logger.info({ sessionId, demandId, deadline }, "an answer is demanded on chain");
        this.#taken.set(demandId, { demand, isPreparing: false, send: null });
      }
      const next = number - REORG_BLOCKS;
      if (next > this.#fromBlock) this.#fromBlock = next;
      for (const [demandId, { demand }] of this.#taken) {
        if (timestamp < demand.deadline) continue;
        logger.error({ demandId, sessionId: demand.sessionId }, "a demand was not answered in time");
        this.#taken.delete(demandId);
      }
    } catch (error) {
      logger.warn({ error }, "demands could not be read; they will be tried again");
    }
    for (const [demandId, taken] of this.#taken) {
      if (taken.send !== null) await this.#send(demandId, taken.send);
      else if (!taken.isPreparing) this.#startPreparing(taken);
    }
  }

  /** Waits for the executions that are under way. */
  async stop(): Promise<void> {
    await Promise.all(this.#preparing);
  }

  #startPreparing(taken: Taken): void {
    const { sessionId, demandId } = taken.demand;
    taken.isPreparing = true;
    const preparing = this.#prepare(taken.demand)
      .then((send) => {
        taken.send = send;
      })
      .catch((error) => {
        this.#options.logger.warn(
          { sessionId, demandId, error },
          "a demand can't be answered yet; it will be tried again",
        );
      })
      .finally(() => {
        taken.isPreparing = false;
        this.#preparing.delete(preparing);
      });
    this.#preparing.add(preparing);
  }

  /** Decides what to say; the signature is made once, so that sending again says the same. */
  async #prepare(demand: OpenDemand): Promise<() => Promise<unknown>> {
    const { client, wallet, deployment, operator, operatorPrivateKey } = this.#options;
    const { params } = await getSession(client, deployment, demand.sessionId);
    if (params.operator.toLowerCase() !== operator.toLowerCase()) {
      throw new DemecError(
        "provider/foreign-operator",
        `The operator of session ${demand.sessionId} is ${params.operator}.`,
        { details: { onChain: params.operator, here: operator } },
      );
    }
    const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
    const said = await this.#judge(demand, params);
    if (typeof said === "number") {
      const refusal: DemandRefusal = { demandId: demand.demandId, reason: said };
      const operatorSig = signMessageOf(operatorPrivateKey, domain, "DemandRefusal", refusal);
      return () => refuseDemand(wallet, deployment, { params, refusal, operatorSig });
    }
    const operatorSig = signMessageOf(operatorPrivateKey, domain, "DemandAnswer", said.answer);
    return () => answerDemand(wallet, deployment, { params, operatorSig, ...said });
  }

  async #judge(
    { demandId, request, executionHash: demanded }: OpenDemand,
    params: SessionParams,
  ): Promise<DemandRefusalReason | Pick<Parameters<typeof answerDemand>[2], "answer" | "outcome">> {
    const { serviceOf, executor, policy, opener, deployment, logger } = this.#options;
    const service = serviceOf(params.serviceId);
    if (service === undefined) return DEMAND_REFUSAL.moduleUnavailable;
    const { moduleHash } = service;
    if (moduleHash === null) return DEMAND_REFUSAL.moduleUnavailable;
    try {
      if (request === null || bytesToHex(executionHash(moduleHash, request)) !== demanded) {
        return DEMAND_REFUSAL.invalidRequest;
      }
      // What was sealed is opened as on the channel: the same execution must not have two results.
      const ready = await openSecrets(opener, request, callerOf(deployment, params));
      const { maxDeadlineMs: deadlineMs } = policy;
      const outcome = await executor.run({ moduleHash, request: ready, deadlineMs, tenant: params.buyer });
      const maxOutputBytes = policy.demands?.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
      if (outcome.output.length + outcome.stderr.length > maxOutputBytes) return DEMAND_REFUSAL.tooExpensive;
      const { status, bitOps, floatOps } = outcome;
      const answer: DemandAnswer = {
        demandId,
        executionHash: demanded,
        outputHash: bytesToHex(outputHash(outcome)),
        status,
        bitOps,
        floatOps,
      };
      return { answer, outcome };
    } catch (error) {
      logger.warn({ demandId, error }, "a demanded execution came to no deterministic end");
      const isHostFailure = !isDemecError(error) || error.code.startsWith("executor/");
      return isHostFailure ? DEMAND_REFUSAL.hostFailure : DEMAND_REFUSAL.invalidRequest;
    }
  }

  async #send(demandId: Hex, send: () => Promise<unknown>): Promise<void> {
    const { logger } = this.#options;
    try {
      await send();
      logger.info({ demandId }, "the demand has its answer");
      this.#taken.delete(demandId);
    } catch (error) {
      const isOver = OVER.some((code) => isDemecError(error, code));
      if (isOver) this.#taken.delete(demandId);
      logger.warn(
        { demandId, error },
        isOver ? "the demand is over" : "an answer was not sent; it will be tried again",
      );
    }
  }
}
