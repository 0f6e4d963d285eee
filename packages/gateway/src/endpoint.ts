import { type AccessStore, AccountGate } from "@demec/access";
import { inputBytes } from "@demec/protocol";
import { makeRequest, type Service } from "@demec/sdk";
import type { HttpCall } from "@demec/sdk/http";
import { worstCaseCredits } from "@demec/session";
import type { Books } from "./books.ts";
import { Budget } from "./budget.ts";
import type { EndpointOptions, GatewayOptions } from "./options.ts";
import { costUp, Rates } from "./rates.ts";
import { Till, type TillOptions, timeoutSeconds } from "./x402/till.ts";

/** What all endpoints of a gateway share. */
export interface Shared extends Pick<TillOptions, "server" | "journal" | "exposure" | "deadlineMs"> {
  readonly access: AccessStore;
  readonly books: Books;
  readonly domain: string;
}

/** One service at the edge: who may call it, what it may cost, how it is paid for. */
export class Endpoint {
  readonly options: EndpointOptions;
  readonly service: Service;
  /** Lets token holders in. */
  readonly gate: AccountGate | null;
  /** Sells single calls. */
  readonly till: Till | null;
  readonly #budget: Budget;
  readonly #rates: Rates;

  private constructor(
    options: EndpointOptions,
    gate: AccountGate | null,
    till: Till | null,
    { books, rates }: { readonly books: Books; readonly rates: Rates },
  ) {
    this.options = options;
    this.service = options.service;
    this.gate = gate;
    this.till = till;
    this.#budget = new Budget(options.budget, books, options.service.name);
    this.#rates = rates;
  }

  /** @throws gateway/unpayable-token, chain/rpc */
  static async open(options: EndpointOptions, gateway: GatewayOptions, shared: Shared): Promise<Endpoint> {
    const { service, gate: policy, payment } = options;
    const { client, wallet, deployment } = gateway.demec.options;
    const { serviceId, paymentToken: token } = service.terms;
    const own = wallet.account.address;
    const { access: store, books, domain, deadlineMs } = shared;
    const rates = new Rates((credits) => service.quote(credits), 1000 * timeoutSeconds(deadlineMs));
    const { tokenSeed: nodeSeed } = gateway;
    const gate =
      policy && new AccountGate({ client, deployment, provider: own, serviceId, policy, nodeSeed, store, domain });
    const till =
      payment &&
      (await Till.open({
        ...shared,
        client,
        deployment,
        token,
        rates,
        policy: { ...payment, payTo: payment.payTo ?? own },
      }));
    return new Endpoint(options, gate ?? null, till ?? null, { books, rates });
  }

  /** Its name in the OpenAPI document. */
  get title(): string {
    return this.options.names?.[0] ?? this.service.name;
  }

  /** Of the function's output, where it is known. */
  get outputType(): string | null {
    return this.options.schemas?.output === undefined ? null : "application/json";
  }

  /** Spent and reserved of its budget; payment-token base units. */
  get spent(): bigint {
    return this.#budget.spent;
  }

  /** Most credits that a call can cost; 18 decimals. @throws protocol/bad-files, sdk/unknown-shape */
  worstCredits({ input, options }: HttpCall): bigint {
    const { terms, metadata } = this.service;
    const request = makeRequest(input, options, metadata);
    const { tariff, sla } = terms;
    return worstCaseCredits(
      { tariff, maxLatencyMs: sla.maxLatencyMs },
      request,
      inputBytes(request),
      options.deadlineMs,
    );
  }

  /** Reserves what a call may cost. @returns books the credits that it did cost @throws gateway/over-budget, session/journal-failed, chain/rpc */
  async reserve(subject: string, credits: bigint): Promise<(credits: bigint) => void> {
    const [rate] = await this.#rates.all();
    const book = await this.#budget.reserve(subject, costUp(credits, rate!));
    return (used) => book(costUp(used, rate!));
  }
}
