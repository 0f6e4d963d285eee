import {
  type Deployment,
  getService,
  getServiceMetadata,
  listEnrolledProviders,
  moduleHashOf,
  type ReadClient,
  type Service,
} from "@demec/chain";
import { type Address, DemecError, METER_VERSION } from "@demec/protocol";
import type { ContentDesk } from "./content/contentDesk.ts";
import type { Logger } from "./logger.ts";

/** A service whose module, where it has one, is checked, metered and compiled here. */
export interface ServedService {
  readonly terms: Service;
  /** SHA-256 of the module, 32 bytes; null: every call brings its own. */
  readonly moduleHash: Uint8Array | null;
}

/**
 * Makes a service ready to be run: terms from the chain, module from the publisher's core.
 * @throws provider/not-enrolled, provider/meter-version, and what fetching and metering throw
 */
export async function prepareService(options: {
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly owner: Address;
  readonly serviceId: bigint;
  readonly content: Pick<ContentDesk, "serve" | "mirror">;
  readonly logger: Logger;
}): Promise<ServedService> {
  const { client, deployment, owner, serviceId, content, logger } = options;
  const [terms, metadata, enrolled] = await Promise.all([
    getService(client, deployment, serviceId),
    getServiceMetadata(client, deployment, serviceId),
    listEnrolledProviders(client, deployment, serviceId),
  ]);
  if (!enrolled.some((provider) => provider.toLowerCase() === owner.toLowerCase())) {
    throw new DemecError("provider/not-enrolled", `Provider ${owner} has not enrolled in service ${serviceId}.`, {
      details: { owner, serviceId },
    });
  }
  if (terms.meterVersion !== METER_VERSION) {
    throw new DemecError(
      "provider/meter-version",
      `Service ${serviceId} is metered by version ${terms.meterVersion}, this provider by ${METER_VERSION}.`,
      { details: { serviceId, wanted: terms.meterVersion, have: METER_VERSION } },
    );
  }
  const moduleHash = moduleHashOf(terms);
  // Calls need no schema: a service is served whether it can be had or not.
  const mirroring = metadata.schema && content.mirror(metadata.schema);
  const mirrored = mirroring?.catch(({ message }: Error) => {
    logger.warn({ serviceId, message }, "the service's schema is not to be had");
  });
  if (moduleHash !== null) await content.serve(terms);
  await mirrored;
  return { terms, moduleHash };
}
