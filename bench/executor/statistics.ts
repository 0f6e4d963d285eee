/** Middle of what was measured. */
export const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
export const round = (value: number, digits = 3) => Number(value.toFixed(digits));
