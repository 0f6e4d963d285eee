import { type Deployment, getService, listEnrolledProviders, type ReadClient, type Service } from "@demec/chain";
import { type Address, DemecError, type Hex, METER_VERSION } from "@demec/protocol";
import { hexToBytes } from "viem";
import type { ExecutorPort } from "./executorPort.ts";

/** A service whose module is checked, metered and compiled here. */
export interface ServedService {
  readonly terms: Service;
  /** SHA-256 of the module, 32 bytes. */
  readonly moduleHash: Uint8Array;
}

/** Fetches a module by the core its publisher announced and by its hash; checks the hash before it returns a byte. */
export type FetchModule = (source: { readonly codeCore: Hex; readonly codeHash: Hex }) => Promise<Uint8Array>;

const NO_CODE = `0x${"00".repeat(32)}`;

/**
 * Makes a service ready to be run: terms from the chain, module from the publisher's core.
 * @throws provider/not-enrolled, provider/no-code, provider/meter-version, and what fetching and metering throw
 */
export async function prepareService(options: {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly owner: Address;
  readonly serviceId: bigint;
  readonly fetchModule: FetchModule;
  readonly executor: ExecutorPort;
}): Promise<ServedService> {
  const { client, deployment, owner, serviceId, fetchModule, executor } = options;
  const [terms, enrolled] = await Promise.all([
    getService(client, deployment, serviceId),
    listEnrolledProviders(client, deployment, serviceId),
  ]);
  if (!enrolled.some((provider) => provider.toLowerCase() === owner.toLowerCase())) {
    throw new DemecError("provider/not-enrolled", `Provider ${owner} has not enrolled in service ${serviceId}.`, {
      details: { owner, serviceId },
    });
  }
  if (terms.codeHash === NO_CODE) {
    throw new DemecError("provider/no-code", `Service ${serviceId} names no module.`, { details: { serviceId } });
  }
  if (terms.meterVersion !== METER_VERSION) {
    throw new DemecError(
      "provider/meter-version",
      `Service ${serviceId} is metered by version ${terms.meterVersion}, this provider by ${METER_VERSION}.`,
      { details: { serviceId, wanted: terms.meterVersion, have: METER_VERSION } },
    );
  }
  const moduleHash = hexToBytes(terms.codeHash);
  const bytes = await fetchModule(terms);
  await executor.load(moduleHash, bytes);
  return { terms, moduleHash };
}
