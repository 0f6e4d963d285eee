// What a visitor's endpoints are made to prove, where the settings name two or more of them.
import { type Deployment, getProvider, type ReadClient, type SessionOpening } from "@demec/chain";
import type { LightClient, LightClientOptions, Proved, ProvedProvider, ProvedSession } from "@demec/chain/light";
import { type Address, DemecError, isDemecError } from "@demec/protocol";
import { isLoopback, type Settings } from "../settings.ts";

export interface LightOptions extends Omit<LightClientOptions, "deployment" | "nodes"> {
  readonly nodes: readonly string[];
  readonly quorum: number;
}

/** Undefined where one endpoint alone is named: nobody could contradict it. */
export function lightOptionsOf({ rpcUrls, light }: Pick<Settings, "rpcUrls" | "light">): LightOptions | undefined {
  const [first, ...others] = rpcUrls;
  if (first === undefined || others.length === 0) return undefined;
  return {
    nodes: rpcUrls,
    quorum: Math.floor(rpcUrls.length / 2) + 1,
    ...(isLoopback(first) && { depth: 0 }),
    ...light,
  };
}

const clients = new WeakMap<Settings, Promise<LightClient>>();

/** The light client of the whole page; loaded when something is to be proved. @throws light/bad-options */
export function lightClientOf(settings: Settings, options: LightOptions): Promise<LightClient> {
  const { deployment } = settings;
  const client =
    clients.get(settings) ??
    import("@demec/chain/light").then(({ createLightClient }) => createLightClient({ ...options, deployment }));
  clients.set(settings, client);
  client.catch(() => clients.delete(settings));
  return client;
}

/**
 * Proves a session. One that is younger than the block in use is looked for in a newer one.
 * @throws chain/unknown-session; light/no-quorum, light/bad-proof, light/foreign-code
 */
export async function proveSession(
  light: LightClient,
  { sessionId, params }: Pick<SessionOpening, "sessionId" | "params">,
): Promise<Proved<ProvedSession>> {
  try {
    return await light.session(sessionId, params);
  } catch (error) {
    if (!isDemecError(error, "chain/unknown-session")) throw error;
    await light.refresh();
    return light.session(sessionId, params);
  }
}

const FIELDS = ["nodeKey", "operator", "staked", "active"] as const;

/**
 * Proves a provider, and that the endpoint from which all is read tells the same of it.
 * @throws light/false-provider; light/no-quorum, light/bad-proof, light/foreign-code
 */
export async function proveProvider(
  client: ReadClient,
  deployment: Deployment,
  light: LightClient,
  owner: Address,
): Promise<Proved<ProvedProvider>> {
  const look = async () => {
    const [told, proved] = await Promise.all([getProvider(client, deployment, owner), light.provider(owner)]);
    return { proved, field: FIELDS.find((name) => told[name] !== proved.value[name]) };
  };
  let { proved, field } = await look();
  if (field !== undefined) {
    // It may have changed since the block that was used.
    await light.refresh();
    ({ proved, field } = await look());
  }
  if (field === undefined) return proved;
  throw new DemecError("light/false-provider", `The ${field} that the first endpoint tells is not the one proved.`, {
    details: { provider: owner, field },
  });
}
