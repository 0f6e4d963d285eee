import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallOptions } from "@demec/sdk";
import { type ThumbnailOptions, thumbnail, thumbnailInput } from "../../examples/functions/thumbnail/reference.ts";
import { wordcount } from "../../examples/functions/wordcount/reference.ts";

/** One call of the demo and what the reference implementation says it must give. */
export interface DemoCall {
  readonly input: Uint8Array;
  readonly options: CallOptions;
  readonly expected: Uint8Array;
}

/** Thumbnails of many parts of the photograph, in many sizes. */
export async function thumbnailCalls(assets: string, count: number): Promise<DemoCall[]> {
  const photo = await readFile(join(assets, "photo.ppm"));
  return Array.from({ length: count }, (_, index) => {
    const part = crop(photo, { left: (index * 37) % 400, top: (index * 23) % 200, width: 240, height: 160 });
    const options: ThumbnailOptions = { width: 24 + (index % 7) * 8, gray: index % 3 === 0, sharpen: index % 2 === 0 };
    return { input: thumbnailInput(options, part), options: {}, expected: thumbnail(options, part) };
  });
}

/** Word counts of many passages of the text. */
export async function wordcountCalls(assets: string, count: number): Promise<DemoCall[]> {
  const text = await readFile(join(assets, "text.txt"));
  return Array.from({ length: count }, (_, index) => {
    const start = (index * 271) % (text.length - 8_000);
    const passage = text.subarray(start, start + 8_000);
    const limit = 5 + (index % 20);
    return { input: passage, options: { args: [`${limit}`] }, expected: wordcount(passage, limit) };
  });
}

/** A part of a binary PPM, as a binary PPM. */
function crop(
  ppm: Uint8Array,
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
): Uint8Array {
  const head = /^P6\s+(\d+)\s+\d+\s+255\s/.exec(new TextDecoder("latin1").decode(ppm.subarray(0, 64)))!;
  const rowBytes = Number(head[1]) * 3;
  const rows = Array.from({ length: height }, (_, row) => {
    const start = head[0].length + (top + row) * rowBytes + left * 3;
    return ppm.subarray(start, start + width * 3);
  });
  return Buffer.concat([new TextEncoder().encode(`P6\n${width} ${height}\n255\n`), ...rows]);
}
