import { useProtocolFeeBps, useStanding, useTerms } from "../chain/queries.ts";
import { quoteBuy, withSlippageUp } from "../chain/quotes.ts";
import { CREDIT } from "../format.ts";

/** Sessions of one credit each that are paid for without asking again: more than one, should a provider be lost. */
const SESSIONS = 3n;
/** By how much the price may rise meanwhile, 1/10,000. */
const RISE_BPS = 500;

/** What may be spent on a service's credits unless the visitor says otherwise; payment-token base units. */
export function useBudget(serviceId: bigint): { readonly budget: bigint; readonly perSession: bigint } | undefined {
  const { data: terms } = useTerms(serviceId);
  const { data: standing } = useStanding(serviceId);
  const { data: feeBps } = useProtocolFeeBps();
  if (terms === undefined || standing === undefined || feeBps === undefined) return undefined;
  const quote = quoteBuy(terms, standing, SESSIONS * CREDIT, feeBps);
  if (quote === null) return undefined;
  return { budget: withSlippageUp(quote.cost, RISE_BPS), perSession: quote.cost / SESSIONS };
}
