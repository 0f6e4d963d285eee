import type { Service, ServiceOptions } from "@demec/sdk";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useDemec } from "./provider.ts";
import { serviceKey } from "./serviceKey.ts";

/**
 * A service, pending while no wallet is connected. All hooks that name it with the same options share it, and its sessions.
 * @param name CAIP-19 id, `eip155:<chain>/erc1155:<access token>/<id>`
 */
export function useService(name: string, options: ServiceOptions = {}): UseQueryResult<Service, Error> {
  const demec = useDemec();
  return useQuery({
    queryKey: serviceKey(demec, name, options),
    queryFn: () => demec!.service(name, options),
    enabled: demec !== null,
    // Its terms never change.
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}
