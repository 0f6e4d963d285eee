import type { GatePolicy } from "@demec/access";
import type { Address } from "@demec/protocol";
import type { Logger } from "@demec/provider";
import type { OperationsAddress } from "@demec/provider/operations";
import type { Demec, PublishedSchema, Service } from "@demec/sdk";

/** What calls are sold for by x402, and what the gateway risks on the way. */
export interface PaymentPolicy {
  /** Account that is paid; the gateway's own by default. */
  readonly payTo?: Address | undefined;
  /** On top of what a call may cost the gateway, in 1/10,000. */
  readonly marginBps: number;
  /** Least price of a call, which is to cover the gas of its settlement; payment-token base units. */
  readonly minPrice: bigint;
  /** Most that calls under way and calls whose settlement failed may come to; payment-token base units. */
  readonly maxUnpaid: bigint;
}

/** What calls that nobody pays for by x402 may cost the gateway, by their worst case; payment-token base units. */
export interface BudgetPolicy {
  readonly total: bigint;
  /** Of which a single token holder. */
  readonly perSubject: bigint;
}

/** One service at the edge. Without `gate` and `payment` it is open to whoever reaches it, within its budget. */
export interface EndpointOptions {
  readonly service: Service;
  /** Names in `POST /v1/<name>`, besides the service's CAIP-19 id. */
  readonly names?: readonly string[] | undefined;
  /** Who gets a token that opens the endpoint. */
  readonly gate?: GatePolicy | undefined;
  /** Sells single calls to whoever has no token. */
  readonly payment?: PaymentPolicy | undefined;
  readonly budget: BudgetPolicy;
  /** What input and output look like, where they are JSON: said in the OpenAPI document, and by the answers' type. */
  readonly schemas?: PublishedSchema | undefined;
}

export interface GatewayOptions {
  /** Buys the calls. Its wallet signs what the gateway signs, is paid, and brings payments to the chain. */
  readonly demec: Pick<Demec, "options">;
  readonly endpoints: readonly EndpointOptions[];
  /** Used tokens, what was spent, payments and their results are kept here; one process at a time. */
  readonly dataDir: string;
  /** 32 bytes that the key comes from which signs tokens. */
  readonly tokenSeed: Uint8Array;
  /** 127.0.0.1 by default: TLS is a proxy's business. */
  readonly host?: string | undefined;
  /** 0 by default: any free one. */
  readonly port?: number | undefined;
  /** Authority that clients know this gateway by, such as `edge.example`; what they sign names it. Its address by default. */
  readonly domain?: string | undefined;
  /** Origins of pages that may call; none by default. */
  readonly origins?: readonly string[] | undefined;
  readonly limits?: Partial<GatewayLimits> | undefined;
  /** Where metrics and health are served; nowhere by default. */
  readonly metrics?: OperationsAddress | undefined;
  readonly logger: Logger;
}

export interface GatewayLimits {
  /** Bytes of a request's body; 1 MiB by default. */
  readonly bodyBytes: number;
  /** Wall-clock time of a call at most, and by default; 30,000 ms. */
  readonly deadlineMs: number;
  /** Calls at once; 64 by default. */
  readonly calls: number;
  /** Connections at once; 512 by default. */
  readonly connections: number;
}

export const DEFAULT_LIMITS: GatewayLimits = { bodyBytes: 1 << 20, deadlineMs: 30_000, calls: 64, connections: 512 };
