// What a process of `demec bench` and the one that started it say to each other.
import type { PlannedClient } from "./plan.ts";
import type { TallyReport } from "./tally.ts";

export interface BenchTask {
  readonly service: string;
  readonly rpcUrl: string;
  /** A deployment, as its file has it. */
  readonly deployment: string;
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[] | undefined;
  readonly host: string | undefined;
  readonly clients: readonly PlannedClient[];
  readonly region: string | undefined;
  /** Credits of each session; 18 decimals, as text. */
  readonly sessionCredits: string;
  /** Payment-token base units each session may cost, as text. */
  readonly budget: string;
  /** Journals of full clients are kept here. */
  readonly folder: string;
  readonly input: string;
  readonly deadlineMs: number;
  readonly periodMs: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export type ToWorker =
  | { readonly type: "open"; readonly task: BenchTask }
  /** @member atMs unix time, with fractions */
  | { readonly type: "go"; readonly atMs: number }
  | { readonly type: "leave" };

export type FromWorker =
  | { readonly type: "ready" }
  | {
      readonly type: "done";
      readonly tally: TallyReport;
      /** Node keys of the providers that answered. */
      readonly providers: readonly string[];
      readonly receiptsVerified: number;
      readonly cpuMs: number;
    }
  | { readonly type: "left" }
  | { readonly type: "failed"; readonly code: string; readonly message: string };
