import { formatServiceName } from "@demec/protocol";
import type { CallInput, CallResult, Service } from "@demec/sdk";
import { makeRequest } from "@demec/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { useBuyer } from "../../buyer/BuyerProvider.tsx";
import { useChain } from "../../chain/queries.ts";
import { useSettings } from "../../settings.ts";
import { type Verified, verify } from "../../verify/verify.ts";
import { type Failure, failureOf } from "../../wallet/useTransact.ts";

/** One call and what came of it. */
export type Trial =
  | { readonly phase: "idle" }
  | { readonly phase: "running"; readonly startedMs: number }
  | {
      readonly phase: "done";
      readonly service: Service;
      readonly result: CallResult;
      /** From the click to the result. */
      readonly tookMs: number;
      /** Null while the next state that both sign is on its way. */
      readonly verified: Verified | Failure | null;
    }
  | { readonly phase: "failed"; readonly error: Failure };

/** Calls a service from this page, and checks the receipt once both sides have signed for it. */
export function useTrial(serviceId: bigint | undefined) {
  const { client, deployment } = useChain();
  const settings = useSettings();
  const buyer = useBuyer();
  const queries = useQueryClient();
  const [trial, setTrial] = useState<Trial>({ phase: "idle" });
  const abort = useRef<AbortController | null>(null);

  const run = useCallback(
    async (input: CallInput, args: readonly string[], budget: bigint): Promise<void> => {
      if (serviceId === undefined) return;
      const mine = new AbortController();
      abort.current?.abort();
      abort.current = mine;
      const startedMs = performance.now();
      setTrial({ phase: "running", startedMs });
      try {
        const service = await buyer.service(formatServiceName({ ...deployment, serviceId }), budget);
        const options = { ...(args.length > 0 && { args }), signal: mine.signal };
        const result = await service.invoke(input, options);
        const done = { phase: "done", service, result, tookMs: performance.now() - startedMs } as const;
        setTrial({ ...done, verified: null });
        void queries.invalidateQueries();
        const request = makeRequest(input, options, service.metadata);
        const verified = await verify(client, settings, { service, request, result }).catch(failureOf);
        if (!mine.signal.aborted) setTrial({ ...done, verified });
      } catch (error) {
        if (mine.signal.aborted) setTrial({ phase: "idle" });
        else setTrial({ phase: "failed", error: failureOf(error) });
        void queries.invalidateQueries();
      }
    },
    [serviceId, buyer, client, deployment, settings, queries],
  );
  const cancel = useCallback(() => abort.current?.abort(), []);
  return { trial, run, cancel };
}
