/** One measured number, as it stands in bench/results/gas.json. */
export interface Figure {
  readonly name: string;
  /** null: what it measures isn't built yet. */
  readonly value: number | null;
  readonly unit: "gas" | "base units";
  /** Greatest value that meets the project's promise; null where the value is only stated. */
  readonly target: number | null;
  /** The same use of a peer's contract, measured in the same run on the same EVM. */
  readonly reference?: { readonly name: string; readonly value: number };
  /** Ours divided by the reference. */
  readonly ratio?: number;
  readonly note?: string;
}

/** Adds the reference and the ratio to a figure. */
export function against(figure: Figure, name: string, value: number): Figure {
  if (figure.value === null) return figure;
  return { ...figure, reference: { name, value }, ratio: Number((figure.value / value).toFixed(3)) };
}

export function meets({ value, target }: Figure): boolean {
  return value === null || target === null || value <= target;
}
