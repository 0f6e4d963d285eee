/** A random part of a list, in random order. */
export function someOf<T>(list: readonly T[], count: number): T[] {
  const shuffled = list.map((item) => ({ item, key: Math.random() })).sort((left, right) => left.key - right.key);
  return shuffled.slice(0, count).map(({ item }) => item);
}
