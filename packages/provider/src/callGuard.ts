import { type AccessGate, type Caller, type Claims, hasSealed, openVariables, type SecretOpener } from "@demec/access";
import type { Deployment, SessionParams } from "@demec/chain";
import { DemecError, type ExecutionRequest, formatServiceName } from "@demec/protocol";

/** Readies one session's calls for the executor: counts them under its buyer's grants, and opens what was sealed for them. */
export class CallGuard {
  /** What lets the buyer in; null where nothing is asked. */
  claims: Claims | null = null;
  readonly #gate: () => AccessGate | undefined;
  readonly #opener: SecretOpener | null;
  readonly #caller: Caller;

  /** @param gate of the session's service, which may get one, or another, while it lasts */
  constructor(gate: () => AccessGate | undefined, opener: SecretOpener | null, caller: Caller) {
    this.#gate = gate;
    this.#opener = opener;
    this.#caller = caller;
  }

  /** @throws access/calls-used-up; access/sealed-to-others, … when a box can't be opened for this call */
  ready(request: ExecutionRequest): ExecutionRequest | Promise<ExecutionRequest> {
    if (this.claims !== null) this.#gate()?.countCall(this.claims);
    return openSecrets(this.#opener, request, this.#caller);
  }
}

/** In whose name a session's calls are made, to whoever sealed something for them. */
export function callerOf(
  market: Pick<Deployment, "chainId" | "accessToken">,
  params: Pick<SessionParams, "serviceId" | "buyer">,
): Caller {
  return { audience: formatServiceName({ ...market, serviceId: params.serviceId }), subject: params.buyer };
}

/** The request as it runs: its secrets stand in its environment, and nowhere else. */
export function openSecrets(
  opener: SecretOpener | null,
  request: ExecutionRequest,
  caller: Caller,
): ExecutionRequest | Promise<ExecutionRequest> {
  if (request.env.length === 0 || !hasSealed(request.env)) return request;
  if (opener === null) throw new DemecError("access/sealed-to-others", "This provider opens no sealed variables.");
  return openVariables(opener, request.env, caller).then((env) => ({ ...request, env }));
}
