import type { Purchase, Sale } from "@demec/chain";
import type { ServiceOptions } from "@demec/sdk";
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { present } from "./present.ts";
import { useDemec } from "./provider.ts";
import { serviceKey } from "./serviceKey.ts";
import { useService } from "./useService.ts";

export interface CreditsState {
  /** In the wallet; 18 decimals. */
  readonly credits: bigint;
  /** Payment-token base units per whole credit × 1e18, now. */
  readonly price: bigint;
}

/**
 * The wallet's credits of a service and their price, and the trades with them. Trades bring the balance up to date.
 * @param name CAIP-19 id
 */
export function useCredits(
  name: string,
  options: ServiceOptions = {},
): {
  readonly balance: UseQueryResult<CreditsState, Error>;
  /** `maxCost`: most to pay, fees included; payment-token base units. See `Service.buy`. */
  readonly buy: UseMutationResult<Purchase, Error, { readonly credits: bigint; readonly maxCost: bigint }>;
  /** `minProceeds`: least to get; what the curve yields now when left out. See `Service.sell`. */
  readonly sell: UseMutationResult<Sale, Error, { readonly credits: bigint; readonly minProceeds?: bigint }>;
} {
  const demec = useDemec();
  const { data: service } = useService(name, options);
  const queries = useQueryClient();
  const queryKey = [...serviceKey(demec, name, options), "credits"];
  const balance = useQuery({
    queryKey,
    queryFn: async () => {
      const [credits, price] = await Promise.all([service!.credits(), service!.price()]);
      return { credits, price };
    },
    enabled: service !== undefined,
  });
  const onSettled = () => queries.invalidateQueries({ queryKey });
  const buy = useMutation({
    mutationFn: ({ credits, maxCost }: { readonly credits: bigint; readonly maxCost: bigint }) =>
      present(service).buy(credits, maxCost),
    onSettled,
  });
  const sell = useMutation({
    mutationFn: ({ credits, minProceeds }: { readonly credits: bigint; readonly minProceeds?: bigint }) =>
      present(service).sell(credits, minProceeds),
    onSettled,
  });
  return { balance, buy, sell };
}
