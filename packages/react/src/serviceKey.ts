import type { Demec, ServiceOptions } from "@demec/sdk";

const numbers = new WeakMap<Demec, number>();
let last = 0;

/** Query key of a service as one client uses it. Options that are functions don't tell services apart. */
export function serviceKey(demec: Demec | null, name: string, options: ServiceOptions): readonly unknown[] {
  const told = JSON.stringify(options, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
  return ["demec", demec === null ? null : numberOf(demec), name, told];
}

/** A client that was let go of is not to be used again, even where the same wallet comes back. */
function numberOf(demec: Demec): number {
  const number = numbers.get(demec) ?? ++last;
  numbers.set(demec, number);
  return number;
}
