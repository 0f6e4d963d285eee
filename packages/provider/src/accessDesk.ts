import type { AccessGate, Claims } from "@demec/access";
import { type AccessRequest, type Address, DemecError, isDemecError } from "@demec/protocol";
import { getAddress, isAddress } from "viem";
import type { HostedSession } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";

export interface AccessDeskOptions {
  /** Gates of the services that have one. */
  readonly gates: ReadonlyMap<bigint, AccessGate>;
  /** Sessions that are hosted here. */
  readonly sessions: () => Iterable<Pick<HostedSession, "sessionId" | "params" | "guard" | "attached" | "expel">>;
  readonly logger: Logger;
}

/** Stands at the doors of gated services: lets buyers in, and shows out whose access ended. */
export class AccessDesk {
  readonly #options: AccessDeskOptions;
  #reviewing: Promise<void> | null = null;

  constructor(options: AccessDeskOptions) {
    this.#options = options;
  }

  /** What one connection is let in to, from now on. */
  visitor(): Visitor {
    return new Visitor(this.#options.gates, () => void this.review());
  }

  /** Looks again at what everybody's access rests on; asked for meanwhile, the same look. Never rejects. */
  review(): Promise<void> {
    this.#reviewing ??= this.#review().finally(() => {
      this.#reviewing = null;
    });
    return this.#reviewing;
  }

  async #review(): Promise<void> {
    const { gates, sessions, logger } = this.#options;
    for (const session of [...sessions()]) {
      const { claims } = session.guard;
      const gate = gates.get(session.params.serviceId);
      if (!session.attached || gate === undefined) continue;
      try {
        // It came in before there was a gate.
        if (claims === null) throw required(session.params);
        await gate.recheck(claims);
      } catch (error) {
        const { sessionId } = session;
        if (!isDemecError(error) || !error.code.startsWith("access/")) {
          // Such as while the chain doesn't answer: it is asked again.
          logger.warn({ sessionId, error }, "access could not be looked at again");
          continue;
        }
        logger.info({ sessionId, code: error.code }, "access ended");
        session.expel(error);
      }
    }
  }
}

/** One connection's way into gated services. */
export class Visitor {
  readonly #gates: ReadonlyMap<bigint, AccessGate>;
  readonly #onRevocation: () => void;
  readonly #claims = new Map<bigint, Claims>();

  constructor(gates: ReadonlyMap<bigint, AccessGate>, onRevocation: () => void) {
    this.#gates = gates;
    this.#onRevocation = onRevocation;
  }

  /** @throws access/… what the gate refuses; access/not-gated */
  async answer({ serviceId, step, text }: AccessRequest): Promise<string> {
    const gate = this.#gates.get(serviceId);
    if (gate === undefined) {
      throw new DemecError("access/not-gated", `Service ${serviceId} has no gate here.`, { details: { serviceId } });
    }
    switch (step) {
      case "challenge":
        if (!isAddress(text)) throw new DemecError("access/bad-proof", `"${text}" is no account.`);
        return gate.challenge(getAddress(text));
      case "enter": {
        const { token } = await gate.enter(text);
        this.#claims.set(serviceId, await gate.admit(token));
        return token;
      }
      case "token":
        this.#claims.set(serviceId, await gate.admit(text));
        return "";
      case "revoke":
        await gate.revoke(text);
        this.#onRevocation();
        return "";
    }
  }

  /**
   * What lets a buyer call a service here; null where nothing is asked.
   * @throws access/required where it has not entered on this connection
   */
  assertEntered(serviceId: bigint, buyer: Address): Claims | null {
    if (!this.#gates.has(serviceId)) return null;
    const claims = this.#claims.get(serviceId);
    if (claims?.subject.toLowerCase() === buyer.toLowerCase()) return claims;
    throw required({ serviceId, buyer });
  }
}

function required({ serviceId, buyer }: { readonly serviceId: bigint; readonly buyer: Address }): DemecError {
  return new DemecError(
    "access/required",
    `Account ${buyer} has not entered service ${serviceId} on this connection.`,
    { details: { serviceId, buyer } },
  );
}
