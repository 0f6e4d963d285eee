import type { SignedGrant } from "@demec/access";
import {
  type Purchase,
  priceAt,
  quoteBuy,
  quoteSell,
  type Sale,
  type Service as ServiceTerms,
  type SettlementProgress,
  sellCredits,
  withdrawClaim,
} from "@demec/chain";
import {
  type Address,
  type ContentReference,
  DemecError,
  type ExecutionRequest,
  formatServiceName,
  type Hex,
  isDemecError,
  type ServiceMetadata,
  type Shape,
} from "@demec/protocol";
import { getAddress } from "viem";
import { type BuyerContext, contentOf, keep } from "./context.ts";
import { Credits } from "./credits.ts";
import { Departure } from "./departure.ts";
import { Entrance } from "./entrance.ts";
import { findProviders } from "./finder.ts";
import { Opener } from "./opener.ts";
import type { ServiceOptions } from "./options.ts";
import { OutputStream } from "./outputStream.ts";
import { OwnModule, shapeOf } from "./ownModule.ts";
import type { CallResult, PaidSession } from "./paidSession.ts";
import { pause } from "./pause.ts";
import { type CallOptions, makeRequest, type StreamOptions } from "./request.ts";
import { balanced, type Candidate } from "./selection.ts";
import { type CloseOptions, type Closing, sellBack } from "./sellBack.ts";
import { SessionPool } from "./sessionPool.ts";
import { makeCodec } from "./typed/codec.ts";
import { fetchSchema } from "./typed/fetchSchema.ts";
import type { FunctionSchema, InputOf, OutputOf, PublishedSchema } from "./typed/functionSchema.ts";
import { TypedFunction } from "./typed/typedFunction.ts";

const NO_KEYS: ReadonlySet<Hex> = new Set();
const ONE_CREDIT = 10n ** 18n;
/** Sessions tried for one call at most. */
const MAX_ATTEMPTS = 4;

/** Ends of a session after which another session may do the same call: invocations are pure. */
const TRY_AGAIN = new Set([
  "sdk/provider-lost",
  "sdk/provider-suspected",
  "sdk/session-halted",
  "sdk/session-released",
  "sdk/session-ended",
]);
/** Of these, those after which the same provider is none to try. */
const TRY_ELSEWHERE = new Set(["sdk/provider-lost", "sdk/session-halted"]);
/** Refusals of a call after which the same provider takes it a little later, or another one at once. */
const BUSY = new Set(["provider/too-many-calls", "provider/call-rate"]);
/** Before a call that was refused so is tried again: the first time and at most; milliseconds. */
const BUSY_PAUSE_MS = { first: 50, most: 2_000 };
/** The session takes no more, and is to be settled. */
const USED_UP = new Set(["session/insufficient-credits", "session/closing"]);

/** Bytes or text, or a reference to what the provider fetches, such as `demec.blob` gives. */
export type CallInput = Uint8Array | string | ContentReference;

/** One service, as its buyer uses it: priced, bought, called, left, sold back. */
export class Service {
  /** CAIP-19 id. */
  readonly name: string;
  readonly terms: ServiceTerms;
  readonly metadata: ServiceMetadata;
  readonly #context: BuyerContext;
  /** The name with a checksummed address: what signatures and boxes are bound to. */
  readonly #canonicalName: string;
  readonly #credits: Credits;
  readonly #slippageBps: number;
  readonly #pool: SessionPool;
  #schema: Promise<PublishedSchema> | null = null;

  constructor(
    context: BuyerContext,
    name: string,
    terms: ServiceTerms,
    metadata: ServiceMetadata,
    options: ServiceOptions,
  ) {
    this.name = name;
    this.terms = terms;
    this.metadata = metadata;
    this.#context = context;
    this.#canonicalName = formatServiceName({ ...context.deployment, serviceId: terms.serviceId });
    const slippageBps = options.slippageBps ?? 100;
    this.#slippageBps = slippageBps;
    this.#credits = new Credits({ ...context, terms, budget: options.budget ?? 0n, slippageBps });
    const departure = new Departure(context);
    const opener = new Opener({
      context,
      terms,
      slippageBps,
      entrance: new Entrance({
        ...context,
        serviceName: this.#canonicalName,
        serviceId: terms.serviceId,
        grants: options.grants ?? [],
        method: options.signIn ?? "siwe",
      }),
      exposure: options.exposure,
      find: {
        ...{ serviceName: name, region: options.region, select: options.select ?? balanced },
        browserProviders: metadata.browserProviders ?? false,
      },
      ensureCredits: (credits) => this.#credits.ensure(credits),
      onStranded: (session) => departure.strand(session),
      onAbsent: (session) => this.#pool.add(session),
      onChange: (session) => this.#pool.changed(session),
    });
    const { sessionCredits = ONE_CREDIT, warm = 1 } = options;
    const { history } = context;
    this.#pool = new SessionPool({ serviceName: name, history, opener, departure, sessionCredits, warm });
  }

  /** Price now; payment-token base units per whole credit × 1e18. */
  price(): Promise<bigint> {
    return priceAt(this.#context.client, this.#context.deployment, { serviceId: this.terms.serviceId });
  }

  /** What buying `credits` would cost now, fees included; payment-token base units. */
  async quote(credits: bigint): Promise<bigint> {
    const { client, deployment } = this.#context;
    return (await quoteBuy(client, deployment, { serviceId: this.terms.serviceId, credits })).cost;
  }

  /** Credits in the wallet; 18 decimals. */
  credits(): Promise<bigint> {
    return this.#credits.balance();
  }

  /**
   * Buys credits along the curve.
   * @param maxCost most to pay, fees included; payment-token base units
   * @throws chain/slippage, chain/insufficient-funds
   */
  buy(credits: bigint, maxCost: bigint): Promise<Purchase> {
    return this.#context.spending.run(() => this.#credits.buy(credits, maxCost));
  }

  /**
   * Sells credits back along the curve.
   * @param minProceeds least to get; payment-token base units; what the curve yields now when left out
   * @throws chain/slippage, chain/insufficient-credits
   */
  async sell(credits: bigint, minProceeds?: bigint): Promise<Sale> {
    const { client, wallet, deployment, spending } = this.#context;
    const { serviceId } = this.terms;
    const least = minProceeds ?? (await quoteSell(client, deployment, { serviceId, credits }));
    return spending.run(() => sellCredits(wallet, deployment, { serviceId, credits, minProceeds: least }));
  }

  /** Sends to the wallet what settled sessions have left for it in the market. @throws chain/nothing-to-withdraw */
  async withdraw(): Promise<bigint> {
    const { wallet, deployment, spending } = this.#context;
    const { paymentToken: token } = this.terms;
    return (await spending.run(() => withdrawClaim(wallet, deployment, { token }))).amount;
  }

  /**
   * Calls the function and gives its output. Opens a session when there is none, buying what is missing within the
   * budget; moves to another provider when one is lost.
   * @throws sdk/execution-failed when it ended otherwise than ok (charged: the work was done); its details tell how
   * @throws sdk/over-budget, sdk/no-provider, sdk/call-fault, … when it could not be run (not charged)
   */
  async call(input: CallInput, options: CallOptions = {}): Promise<Uint8Array> {
    const result = await this.invoke(input, options);
    const { status, exitCode, usage, credits, stderr, output } = result;
    if (status === "ok") return output;
    throw new DemecError(
      "sdk/execution-failed",
      status === "exitCode" ? `The function exited with code ${exitCode}.` : `The function ended with ${status}.`,
      { details: { status, exitCode, usage, credits, stderr: new TextDecoder().decode(stderr) } },
    );
  }

  /**
   * Like {@link call}, but gives every deterministic end, with its receipt and cost.
   * @throws the reason of `signal` when it fires
   */
  async invoke(input: CallInput, options: CallOptions = {}): Promise<CallResult> {
    if (options.outputByContent === true) contentOf(this.#context);
    return this.#run(makeRequest(input, options, this.metadata), options);
  }

  /**
   * Calls a command and gives its stdout while it runs. What comes is provisional: the call has ended as told only once `result`
   * has resolved, whose receipt is over all that came. A reader that leaves the loop takes the call back.
   * Another provider is tried only until the first byte has come.
   * @throws through the iterator and `result` what {@link invoke} throws; session/stream-broken in the details of
   *   sdk/call-fault when the connection was lost
   */
  stream(input: Uint8Array | string, options: StreamOptions = {}): OutputStream {
    const request = makeRequest(input, options, this.metadata);
    if (request.shape !== "command") {
      throw new DemecError("wasm/wrong-shape", `Only commands stream; "${this.metadata.name}" is a reactor.`);
    }
    return new OutputStream((output, signal) => this.#run(request, { ...options, signal }, output), options.signal);
  }

  async #run(request: ExecutionRequest, options: CallOptions, output?: OutputStream): Promise<CallResult> {
    let failed = NO_KEYS;
    // A call whose output comes is not taken elsewhere because of a pause.
    let steadfast = output !== undefined;
    const { signal, deadlineMs = 30_000 } = options;
    const endMs = performance.now() + deadlineMs;
    let pauseMs = BUSY_PAUSE_MS.first;
    let busy: PaidSession | null = null;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      this.#context.released.throwIfAborted();
      const session: PaidSession =
        (busy && this.#pool.beside(busy, failed)) ?? this.#pool.serving(failed) ?? (await this.session(failed));
      const { history } = this.#context;
      try {
        const { secrets } = options;
        const sealed = secrets === undefined ? request : await this.#seal(request, secrets, session);
        const result = await session.invoke(sealed, { deadlineMs, signal, steadfast, output });
        history.record(session.nodeKey, true);
        return result;
      } catch (error) {
        if (isDemecError(error, "sdk/call-fault") && error.details.breach) history.record(session.nodeKey, false);
        if (isBusy(error) && performance.now() + pauseMs < endMs) {
          // Another that is there takes it at once, the first time; those who were refused together don't come back together.
          if (busy !== null || this.#pool.beside(session, failed) === undefined) {
            await pause(pauseMs * (0.5 + Math.random()), signal);
            pauseMs = Math.min(2 * pauseMs, BUSY_PAUSE_MS.most);
          }
          busy = session;
          attempt--;
          continue;
        }
        if (!isDemecError(error) || attempt === MAX_ATTEMPTS || output?.hasBegun) throw error;
        if (USED_UP.has(error.code) || isOverexposed(error)) this.#pool.retire(session);
        else if (!TRY_AGAIN.has(error.code)) throw error;
        if (TRY_ELSEWHERE.has(error.code)) failed = new Set([...failed, session.nodeKey]);
        steadfast ||= error.code === "sdk/provider-suspected";
      }
    }
  }

  /** The request with secrets that one provider alone can open. */
  async #seal(
    request: ExecutionRequest,
    secrets: Readonly<Record<string, string>>,
    { nodeKey, params }: PaidSession,
  ): Promise<ExecutionRequest> {
    const { nodeKeySealer, sealVariables } = await import("./access.ts");
    const context = { audience: this.#canonicalName, subject: this.#context.wallet.account.address };
    const reader = { owner: params.provider, nodeKey };
    return { ...request, env: [...request.env, await sealVariables(nodeKeySealer, secrets, context, [reader])] };
  }

  /**
   * A module of the caller's own, for services that have none: providers fetch it from here, check it and run it.
   * @param module its bytes; or a reference, such as one that was published elsewhere
   * @param shape what kind of function it is; told from its exports when left out, or for a reference from the metadata
   * @throws sdk/bad-module, sdk/no-content-store, network/content-full
   */
  async withModule(module: Uint8Array | ContentReference, shape?: Shape): Promise<OwnModule> {
    if (!(module instanceof Uint8Array)) return new OwnModule(this, module, shape);
    return new OwnModule(this, await keep(this.#context, module), shape ?? (await shapeOf(module)));
  }

  /**
   * The schemas that the publisher ships with the function, whoever serves them: their hash is on chain.
   * @throws sdk/no-schema where it ships none, sdk/bad-schema, sdk/no-content-store, network/content-not-found
   */
  schema(): Promise<PublishedSchema> {
    this.#schema ??= fetchSchema(this.#context, this.metadata).catch((error) => {
      this.#schema = null;
      throw error;
    });
    return this.#schema;
  }

  /**
   * The function with values for bytes, as a schema describes them.
   * @param schema written down `as const`, its types are the function's; without it, the publisher's is fetched, and values
   * are checked but have no types
   * @throws sdk/bad-schema, and as `schema()` without one
   */
  typed(): Promise<TypedFunction<unknown, unknown>>;
  typed<const S extends FunctionSchema>(schema: S): Promise<TypedFunction<InputOf<S>, OutputOf<S>>>;
  async typed(schema?: FunctionSchema): Promise<TypedFunction<unknown, unknown>> {
    return new TypedFunction(this, this, await makeCodec(schema ?? (await this.schema())));
  }

  /**
   * An attached session: one that is open, one that an earlier process left, or a new one.
   * @param exclude node keys of providers not to use
   * @throws sdk/over-budget, sdk/no-provider, …; sdk/session-released while the service is being closed
   */
  session(exclude: ReadonlySet<Hex> = new Set()): Promise<PaidSession> {
    return this.#pool.acquire(exclude);
  }

  /** Opens sessions until as many as are to be kept warm are there, so that the first calls needn't wait. @throws like `session` */
  warmUp(): Promise<void> {
    return this.#pool.warmUp();
  }

  /**
   * Takes back the last of these grants, and all below it, at every provider of the service that can be reached now (eight
   * at most); who is inside by it is shown out.
   * @param grants root first, down to the one that is taken back
   * @returns owner accounts of the providers that took it; the others are to be told later
   * @throws sdk/no-provider
   */
  async revoke(grants: readonly [...SignedGrant[], SignedGrant]): Promise<Address[]> {
    const { wallet, deployment } = this.#context;
    const { serviceId } = this.terms;
    const { signRevocation } = await import("./access.ts");
    const text = await signRevocation(wallet, deployment, grants);
    const everybody = (candidates: readonly Candidate[]) => [...candidates];
    const exclude = new Set<Hex>();
    const found = await findProviders({
      ...this.#context,
      ...{ serviceName: this.name, serviceId, credits: 0n, exclude, select: everybody, browserProviders: true },
    });
    const told = found.map(async ({ provider, link }) => {
      await link.requestAccess({ serviceId, step: "revoke", text }).finally(() => void link.connection.close());
      return getAddress(provider.owner);
    });
    return (await Promise.allSettled(told)).flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  }

  /**
   * Leaves all sessions: with a final state where the provider answers, else alone. Calls under way are finished first;
   * the service can be used again afterwards.
   * @param options with `sellBack`, credits in the wallet are sold and what the market owes the wallet is withdrawn, once the
   * sessions are left. Who was interrupted calls it again, in another process too: it goes on from what the chain says
   * @returns every settlement since the last time, and how far the sessions are that are left alone: call again after
   * their deadlines
   * @throws chain/slippage where the price fell by more than `slippageBps` between quote and sale
   */
  close(): Promise<SettlementProgress[]>;
  close(options: CloseOptions): Promise<Closing>;
  async close(options?: CloseOptions): Promise<SettlementProgress[] | Closing> {
    const sessions = await this.#pool.close();
    if (options === undefined) return sessions;
    const { serviceId, paymentToken } = this.terms;
    const wanted = options.sellBack === true ? {} : options.sellBack;
    const sold = await this.#context.spending.run(() =>
      sellBack(this.#context, { ...wanted, serviceId, paymentToken, slippageBps: this.#slippageBps }),
    );
    return { sessions, ...sold };
  }
}

/** The provider wrote off so much work in this session, such as calls that were moved elsewhere, that it trusts no more. */
function isOverexposed(error: DemecError): boolean {
  return error.code === "sdk/call-fault" && error.details.code === "session/exposure-exceeded";
}

/** The provider has no room for this buyer at the moment. */
function isBusy(error: unknown): boolean {
  return isDemecError(error, "sdk/call-fault") && BUSY.has(String(error.details.code));
}
