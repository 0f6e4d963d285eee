import type {
  CallInput,
  CallOptions,
  FunctionSchema,
  InputOf,
  OutputOf,
  ServiceOptions,
  TypedResult,
} from "@demec/sdk";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { present } from "./present.ts";
import { useDemec } from "./provider.ts";
import { serviceKey } from "./serviceKey.ts";
import { useService } from "./useService.ts";

/** One call: its input, and options as `Service.invoke` has them. */
export interface Invocation<Input = CallInput> extends CallOptions {
  readonly input: Input;
}

/** A service, and what its function takes and gives. */
export interface InvokeHookOptions<S extends FunctionSchema> extends ServiceOptions {
  /** Written down in place or `as const`, its types are the function's; without it input and output are bytes. */
  readonly schema?: S;
}

/** Without a schema. */
type Bytes = Readonly<Record<never, never>>;

/**
 * Calls a service's function: `mutate({ input })`. Credits that are missing are bought within the budget of `options`;
 * the result says what it cost, carries the provider's signed receipt, and has the output as `value`.
 * @param name CAIP-19 id
 */
export function useInvoke<const S extends FunctionSchema = Bytes>(
  name: string,
  { schema, ...options }: InvokeHookOptions<S> = {},
): UseMutationResult<TypedResult<OutputOf<S>>, Error, Invocation<InputOf<S>>> {
  const demec = useDemec();
  const { data: service } = useService(name, options);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ input, ...call }: Invocation<InputOf<S>>) => {
      const typed = await present(service).typed((schema ?? {}) as S);
      return typed.invoke(input, call);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [...serviceKey(demec, name, options), "credits"] }),
  });
}
