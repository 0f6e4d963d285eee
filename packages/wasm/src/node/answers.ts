import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** Bytes of answers that are held back at most; a longer answer leaves by itself. */
const CAPACITY = 1 << 16;
/** Milliseconds that an answer is held back at most, while calls end that fast. */
const HOLD_MS = 1;
/** In the shared header: who writes, and how many bytes are held. */
const LOCK = 0;
const HELD = 1;
const HEADER_BYTES = 8;

/**
 * Reads descriptor 3, on which the parent says by a byte that it misses answers: the calls after them take long. It
 * writes them while the main thread is busy. The descriptor ends when the parent does, and then so does this process: the
 * first process of a namespace can't kill itself, there the sandbox ends with the parent.
 */
const HELPER = `
  const { readSync, writeSync } = require("node:fs");
  const { workerData } = require("node:worker_threads");
  const header = new Int32Array(workerData, 0, 2);
  const held = new Uint8Array(workerData, ${HEADER_BYTES});
  const byte = Buffer.alloc(1);
  try {
    while (readSync(3, byte) > 0) {
      while (Atomics.compareExchange(header, ${LOCK}, 0, 1) !== 0) Atomics.wait(header, ${LOCK}, 1);
      const bytes = held.slice(0, header[${HELD}]);
      for (let from = 0; from < bytes.length; ) from += writeSync(1, bytes, from);
      header[${HELD}] = 0;
      Atomics.store(header, ${LOCK}, 0);
      Atomics.notify(header, ${LOCK});
    }
  } catch {}
  process.kill(process.pid, "SIGKILL");
`;

/**
 * A child's answers on their way to the parent. Those of short calls leave together: a write, and a parent that wakes up
 * for it, cost as much as such a call. A child that dies takes what it held with it, so the parent never takes one of
 * several calls at hand for the one that killed it.
 */
export class Answers {
  private readonly shared = new SharedArrayBuffer(HEADER_BYTES + CAPACITY);
  private readonly header = new Int32Array(this.shared, 0, 2);
  private readonly held = new Uint8Array(this.shared, HEADER_BYTES);
  private heldSince = 0;

  constructor() {
    new Worker(HELPER, {
      eval: true,
      workerData: this.shared,
      env: {},
      // Or Node makes descriptor 1 a stream, which does not block any more.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    });
  }

  /**
   * Adds an answer, and sends all there are once the first has waited long enough.
   * @param nowMs as by `performance.now()`
   */
  hold(answer: Uint8Array, nowMs: number): void {
    this.acquire();
    if (this.header[HELD]! + answer.length > CAPACITY) this.write();
    if (answer.length > CAPACITY) {
      writeAll(answer);
    } else {
      if (this.header[HELD] === 0) this.heldSince = nowMs;
      this.held.set(answer, this.header[HELD]);
      this.header[HELD]! += answer.length;
      if (nowMs - this.heldSince > HOLD_MS) this.write();
    }
    this.release();
  }

  /** Sends what is held back. */
  flush(): void {
    this.acquire();
    this.write();
    this.release();
  }

  /** Sends an answer at once, after those that are held back. */
  send(answer: Uint8Array): void {
    this.flush();
    writeAll(answer);
  }

  private write(): void {
    if (this.header[HELD] === 0) return;
    writeAll(this.held.subarray(0, this.header[HELD]));
    this.header[HELD] = 0;
  }

  private acquire(): void {
    while (Atomics.compareExchange(this.header, LOCK, 0, 1) !== 0) Atomics.wait(this.header, LOCK, 1);
  }

  private release(): void {
    Atomics.store(this.header, LOCK, 0);
    Atomics.notify(this.header, LOCK);
  }
}

function writeAll(bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(1, bytes, from);
}
