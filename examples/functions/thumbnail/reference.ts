/** What the function `thumbnail` computes, in plain TypeScript: the same operations in the same order. */

interface Filter {
  readonly taps: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

export interface ThumbnailOptions {
  readonly width: number;
  readonly gray?: boolean;
  readonly sharpen?: boolean;
}

/** Input of the function. @param photo binary PPM */
export function thumbnailInput(options: ThumbnailOptions, photo: Uint8Array): Uint8Array {
  const line = `${options.width}${options.gray ? " gray" : ""}${options.sharpen ? " sharpen" : ""}\n`;
  const head = new TextEncoder().encode(line);
  const input = new Uint8Array(head.length + photo.length);
  input.set(head);
  input.set(photo, head.length);
  return input;
}

/** Output of the function for a well-formed photo. */
export function thumbnail(options: ThumbnailOptions, photo: Uint8Array): Uint8Array {
  const source = readPpm(photo);
  const { width } = options;
  const height = Math.max(1, Math.floor((source.height * width + Math.floor(source.width / 2)) / source.width));
  const narrowed = narrow(source, makeFilter(source.width, width), width);
  const samples = shorten(narrowed, source.height, makeFilter(source.height, height), width, height);
  if (options.gray) toGray(samples);
  return writePpm(samples, width, height, options.sharpen === true);
}

function readPpm(ppm: Uint8Array): { width: number; height: number; pixels: Uint8Array } {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(new TextDecoder("latin1").decode(ppm.subarray(0, 64)));
  if (head === null) throw new Error("not a binary PPM with 255 levels");
  return { width: Number(head[1]), height: Number(head[2]), pixels: ppm.subarray(head[0].length) };
}

function makeFilter(source: number, target: number): Filter {
  const scale = source / target;
  const stretch = Math.max(scale, 1);
  const radius = 2 * stretch;
  const taps = Math.ceil(radius) * 2 + 1;
  const first = new Int32Array(target);
  const weights = new Float64Array(target * taps);
  for (let i = 0; i < target; i++) {
    const center = (i + 0.5) * scale - 0.5;
    const start = Math.ceil(center - radius);
    first[i] = start;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const weight = catmullRom((start + tap - center) / stretch);
      weights[i * taps + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap++) weights[i * taps + tap]! /= sum;
  }
  return { taps, first, weights };
}

function catmullRom(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((2.5 - 0.5 * x) * x - 4) * x + 2;
  return 0;
}

function clampIndex(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}

function narrow(
  source: { width: number; height: number; pixels: Uint8Array },
  filter: Filter,
  width: number,
): Float64Array {
  const samples = new Float64Array(width * source.height * 3);
  let to = 0;
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < width; x++) {
      for (let color = 0; color < 3; color++) {
        let sum = 0;
        for (let tap = 0; tap < filter.taps; tap++) {
          const column = clampIndex(filter.first[x]! + tap, source.width);
          sum += filter.weights[x * filter.taps + tap]! * source.pixels[(y * source.width + column) * 3 + color]!;
        }
        samples[to++] = sum;
      }
    }
  }
  return samples;
}

function shorten(from: Float64Array, rows: number, filter: Filter, width: number, height: number): Float64Array {
  const rowSamples = width * 3;
  const samples = new Float64Array(rowSamples * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < rowSamples; x++) {
      let sum = 0;
      for (let tap = 0; tap < filter.taps; tap++) {
        const row = clampIndex(filter.first[y]! + tap, rows);
        sum += filter.weights[y * filter.taps + tap]! * from[row * rowSamples + x]!;
      }
      samples[y * rowSamples + x] = sum;
    }
  }
  return samples;
}

function toGray(samples: Float64Array): void {
  for (let i = 0; i < samples.length; i += 3) {
    samples.fill(0.2126 * samples[i]! + 0.7152 * samples[i + 1]! + 0.0722 * samples[i + 2]!, i, i + 3);
  }
}

function writePpm(samples: Float64Array, width: number, height: number, sharpen: boolean): Uint8Array {
  const head = new TextEncoder().encode(`P6\n${width} ${height}\n255\n`);
  const ppm = new Uint8Array(head.length + samples.length);
  ppm.set(head);
  for (let i = 0; i < samples.length; i++) {
    let value = samples[i]!;
    if (sharpen) value += 0.5 * (value - blurred(samples, i, width, height));
    ppm[head.length + i] = Math.floor(Math.min(Math.max(value, 0), 255) + 0.5);
  }
  return ppm;
}

function blurred(samples: Float64Array, index: number, width: number, height: number): number {
  const pixel = Math.floor(index / 3);
  const column = pixel % width;
  const row = Math.floor(pixel / width);
  let sum = 0;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      sum += samples[(clampIndex(row + dy, height) * width + clampIndex(column + dx, width)) * 3 + (index % 3)]!;
    }
  }
  return sum / 9;
}
