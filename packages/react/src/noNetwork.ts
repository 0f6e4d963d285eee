import { DemecError } from "@demec/protocol";
import type { NetworkPort } from "@demec/sdk";

function refuse(): never {
  throw new DemecError("sdk/no-network", "No network was given, so that no provider can be reached.");
}

/** For pages that buy and sell only. */
export const NO_NETWORK: NetworkPort = {
  lookup: () => refuse(),
  readAdvert: async () => refuse(),
  connect: async () => refuse(),
};
