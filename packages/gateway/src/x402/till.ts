import { type Deployment, type ReadClient, tokenDomain } from "@demec/chain";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import {
  decodePaymentSignatureHeader,
  encodePaymentRequiredHeader,
  encodePaymentResponseHeader,
} from "@x402/core/http";
import { parsePaymentPayload } from "@x402/core/schemas";
import type { x402ResourceServer } from "@x402/core/server";
import type { PaymentPayload, PaymentRequirements, SettleResponse } from "@x402/core/types";
import { getAddress } from "viem";
import { getBlockNumber } from "viem/actions";
import type { Answer } from "../answer.ts";
import type { Bill } from "../bill.ts";
import type { PaymentPolicy } from "../options.ts";
import { costUp, type Rates } from "../rates.ts";
import { type Authorization, authorizationOf, balanceOf, findPayment, takesAuthorizations } from "./authorization.ts";
import type { Exposure } from "./exposure.ts";
import { networkOf } from "./facilitator.ts";
import type { PaymentJournal, Unsettled } from "./journal.ts";

/** What must be left of an authorisation's time for its settlement when the call is over; seconds. */
const SETTLE_SECONDS = 30;
/** How long a client may take from the quote to the payment; seconds. */
const PAY_SECONDS = 60;
/** How long a result waits to be fetched after its authorisation has ended; seconds. */
const KEEP_SECONDS = 3_600;

/** How long a quote is honoured, and the authorisation for it counts, where a call may take so long; seconds. */
export const timeoutSeconds = (deadlineMs: number): number =>
  Math.ceil(deadlineMs / 1000) + SETTLE_SECONDS + PAY_SECONDS;

export interface TillOptions {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly server: x402ResourceServer;
  readonly journal: PaymentJournal;
  readonly exposure: Exposure;
  readonly policy: PaymentPolicy & { readonly payTo: Address };
  readonly token: Address;
  readonly rates: Rates;
  /** The longest that a call may take. */
  readonly deadlineMs: number;
}

/** What is sold: one call. */
export interface Sale {
  /** Most credits that it can cost. */
  readonly credits: bigint;
  /** Of the whole request. */
  readonly requestHash: Hex;
  readonly url: string;
  readonly description: string;
}

/** Sells calls of one service by x402, scheme `exact`. */
export class Till {
  readonly #options: TillOptions;
  /** Of the token's EIP-712 domain. */
  readonly #extra: Record<string, unknown>;
  /** Payments whose request is being answered. */
  readonly #underWay = new Set<string>();

  private constructor(options: TillOptions, extra: Record<string, unknown>) {
    this.#options = options;
    this.#extra = extra;
  }

  /** @throws gateway/unpayable-token when nobody could pay in this token by ERC-3009; chain/rpc */
  static async open(options: TillOptions): Promise<Till> {
    const { client, deployment, token } = options;
    const { name, version } = await tokenDomain(client, deployment, token);
    if (!(await takesAuthorizations(client, token))) {
      throw new DemecError(
        "gateway/unpayable-token",
        `Token ${token} has no transfers with authorization (ERC-3009).`,
        {
          details: { token },
        },
      );
    }
    return new Till(options, { name, version });
  }

  /** What calls have been made for and is not settled; payment-token base units. */
  get unpaid(): bigint {
    return this.#options.exposure.unpaid(this);
  }

  /** Says what a call costs, in headers of a 402 answer. @param error why what came was no payment for it */
  async terms({ credits, url, description }: Sale, error: string): Promise<Record<string, string>> {
    const [newest] = await this.#requirements(credits);
    const resource = { url, description };
    const required = await this.#options.server.createPaymentRequiredResponse([newest!], resource, error);
    return { "payment-required": encodePaymentRequiredHeader(required) };
  }

  /**
   * Takes a payment in: verified, and neither used nor being used. Nothing is settled yet.
   * @param header PAYMENT-SIGNATURE
   * @throws gateway/payment-refused, gateway/payment-in-use, gateway/busy, chain/rpc
   */
  async take(header: string, sale: Sale): Promise<Payment> {
    const { journal, exposure, policy, token } = this.#options;
    const payload = parsePayload(header);
    const authorization = authorizationOf(payload);
    const payer = getAddress(authorization.payer);
    const id = `${token}:${payer}:${authorization.nonce}`.toLowerCase();
    if (this.#underWay.has(id)) {
      throw new DemecError("gateway/payment-in-use", "A request with this very payment is being answered.", {
        details: { payer, nonce: authorization.nonce },
      });
    }
    this.#underWay.add(id);
    try {
      const kept = await journal.get(id);
      if (kept !== null) {
        if (kept.requestHash !== sale.requestHash) throw refused("The payment was made for another request.");
        return this.#payment(id, sale, payload, kept.requirements, authorization, kept);
      }
      const requirements = this.#options.server.findMatchingRequirements(
        await this.#requirements(sale.credits),
        payload,
      );
      if (requirements === undefined) throw refused("What was signed is not what is asked for.");
      exposure.take(id, { payer, token, amount: BigInt(requirements.amount), till: this }, policy.maxUnpaid);
      try {
        await this.#verify(payload, requirements, authorization, payer);
      } catch (error) {
        exposure.release(id);
        throw error;
      }
      return this.#payment(id, sale, payload, requirements, authorization, null);
    } catch (error) {
      this.#underWay.delete(id);
      throw error;
    }
  }

  #payment(
    id: string,
    { requestHash }: Sale,
    payload: PaymentPayload,
    requirements: PaymentRequirements,
    authorization: Authorization,
    kept: Unsettled | null,
  ): Payment {
    const over = () => this.#underWay.delete(id);
    return new Payment({ ...this.#options, id, requestHash, payload, requirements, authorization, kept, over });
  }

  async #verify(
    payload: PaymentPayload,
    requirements: PaymentRequirements,
    { validBefore }: Authorization,
    payer: Address,
  ): Promise<void> {
    const { client, server, exposure, token, deadlineMs } = this.#options;
    const leftSeconds = validBefore - Date.now() / 1000;
    const needed = deadlineMs / 1000 + SETTLE_SECONDS;
    if (leftSeconds < needed) {
      throw refused(`The payment counts for ${Math.floor(leftSeconds)} s more, and ${needed} s are needed.`);
    }
    const verified = await server.verifyPayment(payload, requirements);
    if (!verified.isValid) {
      const { invalidReason = "invalid" } = verified;
      throw refused(`The payment was found invalid: ${invalidReason}.`, { reason: invalidReason });
    }
    const [balance, promised] = [await balanceOf(client, token, payer), exposure.promised(payer, token)];
    if (balance < promised) {
      throw refused(`${payer} has ${balance}, and has signed for ${promised}.`, { payer, balance, promised });
    }
  }

  /** For the newest rate, then for those before it that still count. */
  async #requirements(credits: bigint): Promise<PaymentRequirements[]> {
    const { deployment, server, rates, policy, token, deadlineMs } = this.#options;
    const offers = (await rates.all()).map(async (rate) => {
      const cost = costUp(credits, rate);
      const withMargin = cost + (cost * BigInt(policy.marginBps) + 9_999n) / 10_000n;
      const amount = withMargin > policy.minPrice ? withMargin : policy.minPrice;
      return server.buildPaymentRequirements({
        scheme: "exact",
        network: networkOf(deployment),
        payTo: policy.payTo,
        price: { asset: token, amount: amount.toString(), extra: this.#extra },
        maxTimeoutSeconds: timeoutSeconds(deadlineMs),
      });
    });
    return (await Promise.all(offers)).flat();
  }
}

interface PaymentOptions extends Pick<TillOptions, "client" | "server" | "journal" | "exposure" | "policy" | "token"> {
  readonly id: string;
  readonly requestHash: Hex;
  readonly payload: PaymentPayload;
  readonly requirements: PaymentRequirements;
  readonly authorization: Authorization;
  /** The result that an earlier request with this payment has left. */
  readonly kept: Unsettled | null;
  readonly over: () => void;
}

/** One payment while its request is answered. */
export class Payment implements Bill {
  readonly #options: PaymentOptions;
  /** There is a result to be paid for. */
  #isOwed: boolean;

  constructor(options: PaymentOptions) {
    this.#options = options;
    this.#isOwed = options.kept !== null;
  }

  async collect(): Promise<Answer | null> {
    const { kept, client, token, policy, authorization, requirements } = this.#options;
    if (kept === null) return null;
    const amount = BigInt(requirements.amount);
    const paid = { token, authorization, payTo: policy.payTo, amount, fromBlock: kept.blockNumber };
    const transaction = await findPayment(client, paid);
    if (transaction === null) return withHeaders(kept.answer, await this.settle());
    this.#settled();
    const { network } = requirements;
    return withHeaders(kept.answer, receipt({ success: true, transaction, network, payer: authorization.payer }));
  }

  /**
   * Settles for a result, which is durable before: after a crash, the same request with the same payment gets it.
   * @throws gateway/not-settled, session/journal-failed
   */
  async sell(answer: Answer): Promise<Answer> {
    const { client, journal, id, requestHash, payload, requirements, authorization } = this.#options;
    const blockNumber = await getBlockNumber(client);
    const until = authorization.validBefore + KEEP_SECONDS;
    // The work is done: it is owed, come what may.
    this.#isOwed = true;
    await journal.put(id, { requestHash, payload, requirements, blockNumber, answer, until });
    return withHeaders(answer, await this.settle());
  }

  /** Brings it to the chain. @returns what is told of it @throws gateway/not-settled */
  async settle(): Promise<Record<string, string>> {
    this.#isOwed = true;
    const { server, payload, requirements } = this.#options;
    const settlement = await server.settlePayment(payload, requirements);
    if (settlement.success) {
      this.#settled();
      return receipt(settlement);
    }
    const { errorReason = "unknown", transaction } = settlement;
    const pending = errorReason === "settlement_pending";
    throw new DemecError(
      "gateway/not-settled",
      pending ? `Transaction ${transaction} is not confirmed yet.` : `The payment was not settled: ${errorReason}.`,
      { details: { reason: errorReason, transaction, pending } },
    );
  }

  /** It buys nothing more. */
  async delivered(): Promise<void> {
    await this.#options.journal.delete(this.#options.id);
  }

  /** What has no result costs nothing. */
  end(): void {
    const { over, exposure, id } = this.#options;
    over();
    if (!this.#isOwed) exposure.release(id);
  }

  #settled(): void {
    this.#options.exposure.release(this.#options.id);
  }
}

const receipt = (settlement: SettleResponse) => ({ "payment-response": encodePaymentResponseHeader(settlement) });

const withHeaders = (answer: Answer, more: Record<string, string>): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...more, "cache-control": "private, no-store" },
});

function parsePayload(header: string): PaymentPayload {
  let decoded: unknown;
  try {
    decoded = decodePaymentSignatureHeader(header);
  } catch (cause) {
    throw new DemecError("gateway/payment-refused", "PAYMENT-SIGNATURE is no payment of x402.", { cause });
  }
  const parsed = parsePaymentPayload(decoded);
  if (parsed.success && parsed.data.x402Version === 2) return parsed.data as PaymentPayload;
  throw refused("PAYMENT-SIGNATURE is no payment of x402, version 2.");
}

function refused(what: string, details: Readonly<Record<string, unknown>> = {}): DemecError {
  return new DemecError("gateway/payment-refused", what, { details });
}
