// Kernels of the metering benchmark: each takes a size and returns a checksum.

export function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function sieve(limit: i32): i32 {
  const composite = heap.alloc(limit + 1);
  memory.fill(composite, 0, limit + 1);
  let primes = 0;
  for (let i = 2; i <= limit; i++) {
    if (load<u8>(composite + i) != 0) continue;
    primes++;
    for (let j = i * 2; j <= limit; j += i) store<u8>(composite + j, 1);
  }
  heap.free(composite);
  return primes;
}

export function quicksort(count: i32): i32 {
  const data = heap.alloc(count * 4);
  let seed: u32 = 12345;
  for (let i = 0; i < count; i++) {
    seed = seed * 1664525 + 1013904223;
    store<u32>(data + i * 4, seed);
  }
  sort(data, 0, count - 1);
  const middle = load<i32>(data + (count >> 1) * 4);
  heap.free(data);
  return middle;
}

function sort(data: usize, low: i32, high: i32): void {
  while (low < high) {
    const pivot = load<u32>(data + ((low + high) >> 1) * 4);
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<u32>(data + i * 4) < pivot) i++;
      while (load<u32>(data + j * 4) > pivot) j--;
      if (i > j) break;
      const swap = load<u32>(data + i * 4);
      store<u32>(data + i * 4, load<u32>(data + j * 4));
      store<u32>(data + j * 4, swap);
      i++;
      j--;
    }
    sort(data, low, j);
    low = i;
  }
}

export function matmul(size: i32): f64 {
  const bytes = size * size * 8;
  const a = heap.alloc(bytes);
  const b = heap.alloc(bytes);
  const c = heap.alloc(bytes);
  for (let i = 0; i < size * size; i++) {
    store<f64>(a + i * 8, f64(i % 17) * 0.25);
    store<f64>(b + i * 8, f64(i % 13) * 0.5);
  }
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = 0.0;
      for (let k = 0; k < size; k++) sum += load<f64>(a + (row * size + k) * 8) * load<f64>(b + (k * size + column) * 8);
      store<f64>(c + (row * size + column) * 8, sum);
    }
  }
  const corner = load<f64>(c + bytes - 8);
  heap.free(a);
  heap.free(b);
  heap.free(c);
  return corner;
}

export function saxpy(count: i32): f32 {
  const length = 4096;
  const x = heap.alloc(length * 4);
  const y = heap.alloc(length * 4);
  for (let i = 0; i < length; i++) {
    store<f32>(x + i * 4, f32(i) * 0.5);
    store<f32>(y + i * 4, f32(length - i));
  }
  for (let turn = 0; turn < count; turn++) {
    const a = f32(turn) * 0.001;
    for (let i = 0; i < length; i++) store<f32>(y + i * 4, a * load<f32>(x + i * 4) + load<f32>(y + i * 4));
  }
  const last = load<f32>(y + (length - 1) * 4);
  heap.free(x);
  heap.free(y);
  return last;
}

export function saxpySimd(count: i32): f32 {
  const length = 4096;
  const x = heap.alloc(length * 4);
  const y = heap.alloc(length * 4);
  for (let i = 0; i < length; i++) {
    store<f32>(x + i * 4, f32(i) * 0.5);
    store<f32>(y + i * 4, f32(length - i));
  }
  for (let turn = 0; turn < count; turn++) {
    const a = f32x4.splat(f32(turn) * 0.001);
    for (let i = 0; i < length; i += 4) {
      v128.store(y + i * 4, f32x4.add(f32x4.mul(a, v128.load(x + i * 4)), v128.load(y + i * 4)));
    }
  }
  const last = load<f32>(y + (length - 1) * 4);
  heap.free(x);
  heap.free(y);
  return last;
}

export function mandelbrot(size: i32): i32 {
  let inside = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const cr = (2.0 * f64(x)) / f64(size) - 1.5;
      const ci = (2.0 * f64(y)) / f64(size) - 1.0;
      let zr = 0.0;
      let zi = 0.0;
      let turn = 0;
      while (turn < 50 && zr * zr + zi * zi < 4.0) {
        const next = zr * zr - zi * zi + cr;
        zi = 2.0 * zr * zi + ci;
        zr = next;
        turn++;
      }
      if (turn == 50) inside++;
    }
  }
  return inside;
}

const BODIES = 5;

export function nbody(steps: i32): f64 {
  // Seven f64 a body: position, velocity, mass.
  const data = heap.alloc(BODIES * 56);
  for (let i = 0; i < BODIES; i++) {
    const body = data + i * 56;
    store<f64>(body, f64(i) * 3.1 + 0.3);
    store<f64>(body, f64(i % 3) * 1.7 - 1.0, 8);
    store<f64>(body, f64(i % 2) * 0.9, 16);
    store<f64>(body, f64(i) * 0.01, 24);
    store<f64>(body, 0.02 - f64(i) * 0.005, 32);
    store<f64>(body, 0.001 * f64(i), 40);
    store<f64>(body, i == 0 ? 39.0 : 0.03 * f64(i), 48);
  }
  const dt = 0.01;
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < BODIES; i++) {
      const a = data + i * 56;
      for (let j = i + 1; j < BODIES; j++) {
        const b = data + j * 56;
        const dx = load<f64>(a) - load<f64>(b);
        const dy = load<f64>(a, 8) - load<f64>(b, 8);
        const dz = load<f64>(a, 16) - load<f64>(b, 16);
        const square = dx * dx + dy * dy + dz * dz + 0.01;
        const magnitude = dt / (square * Math.sqrt(square));
        const massA = load<f64>(a, 48) * magnitude;
        const massB = load<f64>(b, 48) * magnitude;
        store<f64>(a, load<f64>(a, 24) - dx * massB, 24);
        store<f64>(a, load<f64>(a, 32) - dy * massB, 32);
        store<f64>(a, load<f64>(a, 40) - dz * massB, 40);
        store<f64>(b, load<f64>(b, 24) + dx * massA, 24);
        store<f64>(b, load<f64>(b, 32) + dy * massA, 32);
        store<f64>(b, load<f64>(b, 40) + dz * massA, 40);
      }
    }
    for (let i = 0; i < BODIES; i++) {
      const a = data + i * 56;
      store<f64>(a, load<f64>(a) + dt * load<f64>(a, 24));
      store<f64>(a, load<f64>(a, 8) + dt * load<f64>(a, 32), 8);
      store<f64>(a, load<f64>(a, 16) + dt * load<f64>(a, 40), 16);
    }
  }
  const x = load<f64>(data);
  heap.free(data);
  return x;
}

function primeRoot(power: f64, n: i32): u32 {
  const root = Math.pow(f64(n), power);
  return u32((root - Math.floor(root)) * 4294967296.0);
}

export function sha256(blocks: i32): i32 {
  const k = heap.alloc(256);
  const w = heap.alloc(256);
  const h = heap.alloc(32);
  let found = 0;
  for (let n = 2; found < 64; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d++) if (n % d == 0) isPrime = false;
    if (!isPrime) continue;
    if (found < 8) store<u32>(h + found * 4, primeRoot(0.5, n));
    store<u32>(k + found * 4, primeRoot(1.0 / 3.0, n));
    found++;
  }
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 16; i++) store<u32>(w + i * 4, block * 16 + i);
    for (let i = 16; i < 64; i++) {
      const x = load<u32>(w + (i - 15) * 4);
      const y = load<u32>(w + (i - 2) * 4);
      const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
      const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
      store<u32>(w + i * 4, load<u32>(w + (i - 16) * 4) + s0 + load<u32>(w + (i - 7) * 4) + s1);
    }
    let a = load<u32>(h);
    let b = load<u32>(h, 4);
    let c = load<u32>(h, 8);
    let d = load<u32>(h, 12);
    let e = load<u32>(h, 16);
    let f = load<u32>(h, 20);
    let g = load<u32>(h, 24);
    let o = load<u32>(h, 28);
    for (let i = 0; i < 64; i++) {
      const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
      const t1 = o + s1 + ((e & f) ^ (~e & g)) + load<u32>(k + i * 4) + load<u32>(w + i * 4);
      const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      o = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    store<u32>(h, load<u32>(h) + a);
    store<u32>(h, load<u32>(h, 4) + b, 4);
    store<u32>(h, load<u32>(h, 8) + c, 8);
    store<u32>(h, load<u32>(h, 12) + d, 12);
    store<u32>(h, load<u32>(h, 16) + e, 16);
    store<u32>(h, load<u32>(h, 20) + f, 20);
    store<u32>(h, load<u32>(h, 24) + g, 24);
    store<u32>(h, load<u32>(h, 28) + o, 28);
  }
  const first = load<i32>(h);
  heap.free(k);
  heap.free(w);
  heap.free(h);
  return first;
}
