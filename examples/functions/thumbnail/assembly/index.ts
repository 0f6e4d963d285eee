// A reactor: alloc(length) gives room for the input, handle(pointer, length) returns pointer << 32 | length of the result.
// Everything is computed in f64 and in one fixed order, so that any IEEE 754 machine gives the same bytes.

export function alloc(length: i32): usize {
  return heap.alloc(length);
}

export function handle(pointer: usize, length: i32): u64 {
  const reader = new Reader(pointer, pointer + length);
  const width = reader.number();
  const options = reader.restOfLine();
  if (reader.byte() != 0x50 || reader.byte() != 0x36) unreachable(); // P6
  const sourceWidth = reader.number();
  const sourceHeight = reader.number();
  const levels = reader.number();
  reader.byte(); // one white space
  if (levels != 255 || width < 1 || width > 16384 || sourceWidth < 1 || sourceWidth > 16384) unreachable();
  if (sourceHeight < 1 || sourceHeight > 16384) unreachable();
  if (reader.left() < sourceWidth * sourceHeight * 3) unreachable();
  const height = max<i32>(1, i32((i64(sourceHeight) * width + sourceWidth / 2) / sourceWidth));

  const across = new Filter(sourceWidth, width);
  const down = new Filter(sourceHeight, height);
  const narrowed = heap.alloc(usize(width) * sourceHeight * 3 * 8);
  narrow(reader.position, sourceWidth, sourceHeight, across, narrowed);
  const scaled = heap.alloc(usize(width) * height * 3 * 8);
  shorten(narrowed, width, down, scaled);
  if (options & GRAY) gray(scaled, width * height);
  return write(scaled, width, height, (options & SHARPEN) != 0);
}

const GRAY = 1;
const SHARPEN = 2;

/** Reads the text in front of the pixels. */
class Reader {
  constructor(public position: usize, private end: usize) {}

  byte(): i32 {
    if (this.position >= this.end) unreachable();
    return load<u8>(this.position++);
  }

  left(): i32 {
    return i32(this.end - this.position);
  }

  /** Decimal number after white space and comments. */
  number(): i32 {
    let byte = this.byte();
    while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 || byte == 0x23) {
      if (byte == 0x23) while (byte != 0x0a) byte = this.byte();
      byte = this.byte();
    }
    if (byte < 0x30 || byte > 0x39) unreachable();
    let value = 0;
    while (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + byte - 0x30;
      if (value > 1000000) unreachable();
      byte = this.byte();
    }
    this.position--;
    return value;
  }

  /** Options up to the end of the line. */
  restOfLine(): i32 {
    let options = 0;
    for (let byte = this.byte(); byte != 0x0a; byte = this.byte()) {
      if (byte == 0x20) continue;
      if (this.matches(byte, "gray")) options |= GRAY;
      else if (this.matches(byte, "sharpen")) options |= SHARPEN;
      else unreachable();
    }
    return options;
  }

  private matches(first: i32, word: string): bool {
    if (first != word.charCodeAt(0)) return false;
    for (let i = 1; i < word.length; i++) if (this.byte() != word.charCodeAt(i)) unreachable();
    return true;
  }
}

/** Weights of source samples for every target sample along one axis. */
class Filter {
  readonly taps: i32;
  readonly first: StaticArray<i32>;
  readonly weights: StaticArray<f64>;

  constructor(source: i32, public readonly target: i32) {
    const scale = f64(source) / f64(target);
    // Scaling up interpolates; scaling down widens the kernel, which is what keeps fine detail from flickering.
    const stretch = max(scale, 1.0);
    const radius = 2.0 * stretch;
    const taps = i32(Math.ceil(radius)) * 2 + 1;
    const first = new StaticArray<i32>(target);
    const weights = new StaticArray<f64>(target * taps);
    for (let i = 0; i < target; i++) {
      const center = (f64(i) + 0.5) * scale - 0.5;
      const start = i32(Math.ceil(center - radius));
      first[i] = start;
      let sum = 0.0;
      for (let tap = 0; tap < taps; tap++) {
        const weight = catmullRom((f64(start + tap) - center) / stretch);
        weights[i * taps + tap] = weight;
        sum += weight;
      }
      for (let tap = 0; tap < taps; tap++) weights[i * taps + tap] /= sum;
    }
    this.taps = taps;
    this.first = first;
    this.weights = weights;
  }
}

function catmullRom(distance: f64): f64 {
  const x = Math.abs(distance);
  if (x < 1.0) return (1.5 * x - 2.5) * x * x + 1.0;
  if (x < 2.0) return ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0;
  return 0.0;
}

function clampIndex(index: i32, size: i32): i32 {
  return min(max(index, 0), size - 1);
}

/** Scales every row to the filter's width; `to` gets f64 samples. */
function narrow(from: usize, width: i32, height: i32, filter: Filter, to: usize): void {
  const taps = filter.taps;
  for (let y = 0; y < height; y++) {
    const row = from + usize(y) * width * 3;
    for (let x = 0; x < filter.target; x++) {
      let red = 0.0;
      let green = 0.0;
      let blue = 0.0;
      for (let tap = 0; tap < taps; tap++) {
        const weight = unchecked(filter.weights[x * taps + tap]);
        const pixel = row + usize(clampIndex(unchecked(filter.first[x]) + tap, width)) * 3;
        red += weight * f64(load<u8>(pixel));
        green += weight * f64(load<u8>(pixel, 1));
        blue += weight * f64(load<u8>(pixel, 2));
      }
      store<f64>(to, red);
      store<f64>(to, green, 8);
      store<f64>(to, blue, 16);
      to += 24;
    }
  }
}

/** Scales every column to the filter's height. */
function shorten(from: usize, width: i32, filter: Filter, to: usize): void {
  const taps = filter.taps;
  const samples = width * 3;
  const rows = i32((to - from) / (usize(samples) * 8));
  for (let y = 0; y < filter.target; y++) {
    for (let x = 0; x < samples; x++) {
      let sum = 0.0;
      for (let tap = 0; tap < taps; tap++) {
        const row = clampIndex(unchecked(filter.first[y]) + tap, rows);
        sum += unchecked(filter.weights[y * taps + tap]) * load<f64>(from + (usize(row) * samples + x) * 8);
      }
      store<f64>(to, sum);
      to += 8;
    }
  }
}

function gray(samples: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i++) {
    const at = samples + usize(i) * 24;
    const luminance = 0.2126 * load<f64>(at) + 0.7152 * load<f64>(at, 8) + 0.0722 * load<f64>(at, 16);
    store<f64>(at, luminance);
    store<f64>(at, luminance, 8);
    store<f64>(at, luminance, 16);
  }
}

function toByte(value: f64): u8 {
  return u8(Math.floor(min(max(value, 0.0), 255.0) + 0.5));
}

/** Writes a PPM and returns its place. */
function write(samples: usize, width: i32, height: i32, sharpen: bool): u64 {
  const output = heap.alloc(32 + usize(width) * height * 3);
  let at = output;
  store<u8>(at++, 0x50);
  store<u8>(at++, 0x36);
  store<u8>(at++, 0x0a);
  at = decimal(at, width);
  store<u8>(at++, 0x20);
  at = decimal(at, height);
  store<u8>(at++, 0x0a);
  at = decimal(at, 255);
  store<u8>(at++, 0x0a);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * 3; x++) {
      let value = load<f64>(samples + (usize(y) * width * 3 + x) * 8);
      if (sharpen) value += 0.5 * (value - blurred(samples, x, y, width, height));
      store<u8>(at++, toByte(value));
    }
  }
  return (u64(output) << 32) | u64(at - output);
}

/** Mean of the three by three samples of one colour around a sample. */
function blurred(samples: usize, x: i32, y: i32, width: i32, height: i32): f64 {
  const column = x / 3;
  const color = x % 3;
  let sum = 0.0;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const at = (clampIndex(y + dy, height) * width + clampIndex(column + dx, width)) * 3 + color;
      sum += load<f64>(samples + usize(at) * 8);
    }
  }
  return sum / 9.0;
}

function decimal(at: usize, value: i32): usize {
  if (value >= 10) at = decimal(at, value / 10);
  store<u8>(at, u8(0x30 + (value % 10)));
  return at + 1;
}
