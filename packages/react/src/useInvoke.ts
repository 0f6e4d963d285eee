import type { CallOptions, CallResult, ServiceOptions } from "@demec/sdk";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { present } from "./present.ts";
import { useDemec } from "./provider.ts";
import { serviceKey } from "./serviceKey.ts";
import { useService } from "./useService.ts";

/** One call: its input, and options as `Service.invoke` has them. */
export interface Invocation extends CallOptions {
  readonly input: Uint8Array | string;
}

/**
 * Calls a service's function: `mutate({ input })`. Credits that are missing are bought within the budget of `options`;
 * the result says what it cost and carries the provider's signed receipt.
 * @param name CAIP-19 id
 */
export function useInvoke(
  name: string,
  options: ServiceOptions = {},
): UseMutationResult<CallResult, Error, Invocation> {
  const demec = useDemec();
  const { data: service } = useService(name, options);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ input, ...call }: Invocation) => present(service).invoke(input, call),
    onSettled: () => queries.invalidateQueries({ queryKey: [...serviceKey(demec, name, options), "credits"] }),
  });
}
