import { DemecError } from "@demec/protocol";

/** One who calls at a steady rate. A full client has everything of its own; light ones share what can be shared. */
export type ClientKind = "light" | "full";

export interface BenchPlan {
  readonly light: number;
  readonly full: number;
  /** Calls a second of each client. */
  readonly ratePerClient: number;
  /** Calls a second of all of them: (light + full) × rate. */
  readonly needed: number;
}

/** A client's part in the schedule. */
export interface PlannedClient {
  readonly kind: ClientKind;
  /** When its first call is due, as a part of its period, 0 to 1: clients take turns instead of calling in step. */
  readonly phase: number;
}

/** @throws cli/bad-option when nobody would call */
export function planOf(light: number, full: number, ratePerClient: number): BenchPlan {
  const needed = (light + full) * ratePerClient;
  if (needed === 0) {
    throw new DemecError("cli/bad-option", `${light} light and ${full} full clients × ${ratePerClient} are no calls.`);
  }
  return { light, full, ratePerClient, needed };
}

/** The clients of each process; every process gets its share of both kinds, and of the phases. */
export function clientsByProcess({ light, full }: BenchPlan, processes: number): PlannedClient[][] {
  const count = light + full;
  const shares = Array.from({ length: Math.min(processes, count) }, (): PlannedClient[] => []);
  for (let index = 0; index < count; index++) {
    shares[index % shares.length]!.push({ kind: index < full ? "full" : "light", phase: index / count });
  }
  return shares;
}
