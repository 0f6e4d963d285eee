import type { LightClient, Proved } from "@demec/chain/light";
import { useQuery } from "@tanstack/react-query";
import { useSettings } from "../settings.ts";
import { lightClientOf, lightOptionsOf } from "./light.ts";
import { LIST } from "./queries.ts";

/** What is proved by most of the endpoints, looked at again from time to time; never anything where there is one endpoint. */
export function useProof(id: string, prove: (light: LightClient) => Promise<Proved<unknown>>) {
  const settings = useSettings();
  const options = lightOptionsOf(settings);
  return useQuery({
    ...LIST,
    queryKey: ["list", "proof", id],
    enabled: options !== undefined,
    queryFn: async () => prove(await lightClientOf(settings, options!)),
  });
}
