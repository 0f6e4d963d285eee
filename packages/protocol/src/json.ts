/** JSON in which integers beyond 2^53, which are `bigint` here, are decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}` : item));
}
