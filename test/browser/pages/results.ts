// The cache of a service worker's results, by itself.
import { ResultCache } from "../../../packages/sdk/src/serviceWorker/resultCache.ts";

let results: ResultCache;
let scans = 0;
const { keys } = Cache.prototype;
Cache.prototype.keys = function (...args) {
  scans++;
  return keys.apply(this, args);
};

export function open(name: string, maxBytes: number): void {
  results = new ResultCache(name, maxBytes);
}

/** Puts bodies of so many bytes one after the other. @returns how often the whole cache was looked through meanwhile */
export async function put(from: number, sizes: readonly number[]): Promise<number> {
  scans = 0;
  for (const [i, bytes] of sizes.entries()) await results.put(`0x${from + i}`, new Uint8Array(bytes), {});
  return scans;
}

export const putAtOnce = async (from: number, count: number, bytes: number): Promise<void> => {
  await Promise.all(Array.from({ length: count }, (_, i) => results.put(`0x${from + i}`, new Uint8Array(bytes), {})));
};

/** @returns the result's bytes, or null */
export async function get(id: number): Promise<number | null> {
  const found = await results.get(`0x${id}`);
  return found === null ? null : (await found.arrayBuffer()).byteLength;
}

/** What the browser has: bytes of each result by its number, in the browser's order. */
export async function held(name: string): Promise<[number, number][]> {
  const cache = await caches.open(name);
  const held: [number, number][] = [];
  for (const request of await keys.call(cache)) {
    const id = Number(/\/0x(\d+)$/.exec(request.url)?.[1] ?? Number.NaN);
    if (!Number.isNaN(id)) held.push([id, (await (await cache.match(request))!.arrayBuffer()).byteLength]);
  }
  return held;
}

export const clear = (name: string): Promise<boolean> => caches.delete(name);
