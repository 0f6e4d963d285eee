import { getProvider, type Provider, type Service, type SessionOpening } from "@demec/chain";
import type { LightClient } from "@demec/chain/light";
import { type Address, DemecError, type Hex, isDemecError } from "@demec/protocol";
import type { DemecOptions } from "./options.ts";
import { pause } from "./pause.ts";

/** How long a session may take to show in a block that the light client accepts, and how often it looks; milliseconds. */
const SESSION_MS = 120_000;
const LOOK_MS = 500;

/**
 * Compares what a chain's node told with what is proved, before money depends on it. Without a light client the node is
 * believed.
 */
export class LightGuard {
  readonly #options: Pick<DemecOptions, "client" | "deployment">;
  readonly #light: LightClient | undefined;

  constructor(options: Pick<DemecOptions, "client" | "deployment" | "light">) {
    this.#options = options;
    this.#light = options.light;
  }

  /** @throws light/false-service unless every term is proved; chain/unknown-service for one that is too young */
  async service(told: Service): Promise<void> {
    if (this.#light === undefined) return;
    const { value } = await this.#light.service(told.serviceId);
    const field = differenceOf(told, value);
    if (field === null) return;
    throw new DemecError(
      "light/false-service",
      `The node's ${field} of service ${told.serviceId} is not the chain's.`,
      {
        details: { field, told, proved: value },
      },
    );
  }

  /** @throws light/false-provider unless keys and stake are proved, and that it is active and has enrolled */
  async provider(told: Provider, serviceId: bigint): Promise<void> {
    if (this.#light === undefined) return;
    let what = await falsehoodOf(this.#light, told, serviceId);
    if (what !== null) {
      // It may have changed since the block that was used.
      await this.#light.refresh();
      what = await falsehoodOf(this.#light, told, serviceId);
    }
    if (what === null) return;
    throw new DemecError(
      "light/false-provider",
      `What the node says of provider ${told.owner} is not proved: ${what}.`,
      {
        details: { provider: told.owner, what },
      },
    );
  }

  /** Node key of the provider of a session that is open already. */
  async nodeKeyOf(owner: Address): Promise<Hex> {
    const { client, deployment } = this.#options;
    const provider =
      this.#light === undefined
        ? await getProvider(client, deployment, owner)
        : (await this.#light.provider(owner)).value;
    return provider.nodeKey;
  }

  /**
   * Waits until a session's opening is in a block that the light client accepts.
   * @throws light/false-session when it does not get there in two minutes, or is over
   */
  async session({ sessionId, params, openedInBlock }: SessionOpening, signal: AbortSignal): Promise<void> {
    if (this.#light === undefined) return;
    const fail = (what: string) =>
      new DemecError("light/false-session", `Session ${sessionId} is not proved: ${what}.`, { details: { sessionId } });
    const until = performance.now() + SESSION_MS;
    for (;;) {
      try {
        const { status } = (await this.#light.session(sessionId, params)).value;
        if (status === "settled") throw fail("it is settled");
        return;
      } catch (error) {
        if (!isDemecError(error, "chain/unknown-session")) throw error;
      }
      if (performance.now() > until) throw fail(`two minutes after block ${openedInBlock} it is in no block`);
      await pause(LOOK_MS, signal);
      await this.#light.refresh();
    }
  }
}

async function falsehoodOf(light: LightClient, told: Provider, serviceId: bigint): Promise<string | null> {
  const [{ value: proved }, { value: enrolled }] = await Promise.all([
    light.provider(told.owner),
    light.isEnrolled({ serviceId, provider: told.owner }),
  ]);
  if (!enrolled) return `it has not enrolled in service ${serviceId}`;
  if (!proved.active) return "it may open no session";
  for (const field of ["nodeKey", "operator", "staked"] as const) {
    if (told[field] !== proved[field]) return `its ${field} is ${proved[field]}, not ${told[field]}`;
  }
  return null;
}

/** First field in which two services differ. */
function differenceOf(left: Service, right: Service): string | null {
  const flat = (service: Service) =>
    new Map(
      Object.entries(service).flatMap(([name, value]): [string, unknown][] =>
        typeof value === "object"
          ? Object.entries(value).map(([part, inner]) => [`${name}.${part}`, inner])
          : [[name, value]],
      ),
    );
  const [one, other] = [flat(left), flat(right)];
  for (const [name, value] of one) if (other.get(name) !== value) return name;
  return null;
}
