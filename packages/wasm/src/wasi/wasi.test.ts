import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ExecutionRequest, STATUS, statusName } from "@demec/protocol/execution";
import { request } from "../testing/request.ts";
import { run } from "../testing/run.ts";
import { wat } from "../testing/wat.ts";
import { WASI_FUNCTIONS } from "./signatures.ts";

const TYPES: Readonly<Record<string, string>> = { i: "i32", I: "i64" };
const IMPORTS = [...WASI_FUNCTIONS]
  .map(([name, signature]) => {
    const [params, results] = signature.split(":") as [string, string];
    const list = (letters: string) => Array.from(letters, (letter) => TYPES[letter]).join(" ");
    return `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${list(params)}) (result ${list(results)})))`;
  })
  .join("\n");

/** A command that imports everything; `$out` writes a range of memory to stdout. */
function command(body: string, data = ""): Uint8Array {
  return wat(`(module ${IMPORTS}
    (memory (export "memory") 1)
    ${data}
    (func $out (param i32 i32)
      (i32.store (i32.const 60000) (local.get 0)) (i32.store (i32.const 60004) (local.get 1))
      (drop (call $fd_write (i32.const 1) (i32.const 60000) (i32.const 1) (i32.const 60008))))
    (func $show (param i32) (i32.store (i32.const 60016) (local.get 0)) (call $out (i32.const 60016) (i32.const 4)))
    (func (export "_start") ${body}))`);
}

const call = (parts: Parameters<typeof request>[0] = {}): ExecutionRequest => request({ shape: "command", ...parts });
const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const shown = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length / 4 }, (_, i) => new DataView(bytes.buffer).getUint32(i * 4, true));

describe("a command", () => {
  const cat = command(`(local $n i32)
    (loop $more
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 7))
      (i32.store (i32.const 8) (i32.const 2048)) (i32.store (i32.const 12) (i32.const 100))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 16)))
      (local.set $n (i32.load (i32.const 16)))
      (memory.copy (i32.const 1031) (i32.const 2048) (i32.const 100))
      (call $out (i32.const 1024) (local.get $n))
      (br_if $more (i32.eq (local.get $n) (i32.const 107))))`);

  it("reads stdin in full buffers and writes stdout", async () => {
    for (const length of [0, 1, 106, 107, 108, 5000]) {
      const input = Uint8Array.from({ length }, (_, i) => i * 7);
      assert.deepEqual((await run(cat, call({ input }))).output, input);
    }
  });

  it("sees its arguments behind a constant name, and its environment in order", async () => {
    const show = command(`
      (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
      (drop (call $args_get (i32.const 100) (i32.const 1000)))
      (drop (call $environ_sizes_get (i32.const 8) (i32.const 12)))
      (drop (call $environ_get (i32.const 200) (i32.const 2000)))
      (call $out (i32.const 0) (i32.const 16))
      (call $out (i32.load (i32.const 104)) (i32.load (i32.const 4)))
      (call $out (i32.load (i32.const 200)) (i32.load (i32.const 12)))`);
    const { output } = await run(
      show,
      call({
        args: ["über", ""],
        env: [
          ["B", "1"],
          ["A", "=x"],
        ],
      }),
    );
    assert.deepEqual(shown(output.slice(0, 16)), [3, 12, 2, 9]);
    const after = 16 + 12;
    assert.equal(text(output.subarray(16, 22)), "über\0");
    assert.equal(text(output.subarray(after)), "B=1\0A==x\0");
  });

  it("reads every clock as the request says, for ever", async () => {
    const clocks = command(`
      (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0)))
      (drop (call $clock_time_get (i32.const 3) (i64.const 9) (i32.const 8)))
      (call $out (i32.const 0) (i32.const 16))
      (call $show (call $clock_time_get (i32.const 4) (i64.const 0) (i32.const 0)))`);
    const { output } = await run(clocks, call({ clockNs: 2n ** 64n - 2n }));
    const view = new DataView(output.buffer);
    assert.deepEqual(
      [view.getBigUint64(0, true), view.getBigUint64(8, true), view.getUint32(16, true)],
      [2n ** 64n - 2n, 2n ** 64n - 2n, 28],
    );
  });

  it("gets the ChaCha20 keystream of the seed, however it is cut", async () => {
    const random = command(`
      (drop (call $random_get (i32.const 0) (i32.const 5)))
      (drop (call $random_get (i32.const 5) (i32.const 3000)))
      (call $out (i32.const 0) (i32.const 3005))`);
    // RFC 8439, appendix A.1, test vectors 1 and 2: key and nonce zero, blocks 0 and 1.
    const blocks =
      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586" +
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f";
    const first = await run(random, call());
    assert.equal(Buffer.from(first.output.subarray(0, 128)).toString("hex"), blocks);
    assert.deepEqual((await run(random, call())).output, first.output);
    assert.notDeepEqual((await run(random, call({ seed: new Uint8Array(32).fill(1) }))).output, first.output);
  });

  it("ends with its exit code, and code 0 is ok", async () => {
    const exit = (code: number) =>
      run(command(`(call $show (i32.const 7)) (call $proc_exit (i32.const ${code})) unreachable`), call());
    const zero = await exit(0);
    assert.deepEqual([zero.status, zero.exitCode, shown(zero.output)], [STATUS.ok, 0, [7]]);
    const failed = await exit(-1);
    assert.deepEqual([failed.status, failed.exitCode, shown(failed.output)], [STATUS.exitCode, 0xffff_ffff, [7]]);
  });

  it("keeps stderr, and loses stdout, when it traps", async () => {
    const module = command(
      `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 5))
       (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
       (call $show (i32.const 1)) unreachable`,
      `(data (i32.const 100) "oops\\n")`,
    );
    const outcome = await run(module, call());
    assert.deepEqual([outcome.status, text(outcome.stderr), outcome.output.length], [STATUS.unreachable, "oops\n", 0]);
  });

  it("that writes more than the limit ends there, on either output", async () => {
    for (const fd of [1, 2]) {
      const flood = command(`
        (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 1000))
        (loop (drop (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0))`);
      const outcome = await run(flood, call({ limits: { outputBytes: 2500 } }));
      assert.deepEqual([statusName(outcome.status), outcome.output.length], ["outputLimitExceeded", 0]);
      assert.equal(outcome.stderr.length, fd === 2 ? 2500 : 0);
    }
  });

  it("pays for host calls, so that a flood of them runs out of fuel", async () => {
    for (const [host, args] of [
      ["sched_yield", ""],
      ["random_get", "(i32.const 0) (i32.const 60000)"],
      ["fd_write", "(i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)"],
      ["fd_read", "(i32.const 0) (i32.const 0) (i32.const 8000) (i32.const 8)"],
    ]) {
      const module = command(`(loop (drop (call $${host} ${args})) (br 0))`);
      const limits = { bitOps: 10n ** 7n };
      const outcome = await run(module, call({ limits }));
      assert.deepEqual([statusName(outcome.status), outcome.bitOps], ["outOfFuel", limits.bitOps]);
    }
  });
});

describe("a host call answers", () => {
  const errno = async (body: string, parts?: Parameters<typeof call>[0]) =>
    shown((await run(command(`(call $show ${body})`), call(parts))).output)[0];

  it("EFAULT for pointers outside memory, and does nothing", async () => {
    for (const body of [
      "(call $fd_write (i32.const 1) (i32.const 65530) (i32.const 1) (i32.const 0))",
      "(call $fd_write (i32.const 1) (i32.const 0) (i32.const 0x20000000) (i32.const 0))",
      "(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 65533))",
      "(call $fd_read (i32.const 0) (i32.const -4) (i32.const 1) (i32.const 0))",
      "(call $random_get (i32.const 65535) (i32.const 2))",
      "(call $args_get (i32.const 65533) (i32.const 0))",
      "(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 65529))",
      "(call $fd_fdstat_get (i32.const 0) (i32.const 65513))",
      "(call $poll_oneoff (i32.const 65500) (i32.const 0) (i32.const 1) (i32.const 0))",
    ]) {
      assert.equal(await errno(body), 21, body);
    }
    const partly = `(block (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 1))
      (i32.store (i32.const 8) (i32.const 65535)) (i32.store (i32.const 12) (i32.const 2)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 16)))`;
    assert.equal((await run(command(partly), call())).output.length, 0);
  });

  it("EBADF for descriptors it does not have", async () => {
    for (const body of [
      "(call $fd_write (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
      "(call $fd_write (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0))",
      "(call $fd_read (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))",
      "(call $fd_prestat_get (i32.const 4) (i32.const 0))",
      "(call $path_open (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 8))",
      "(call $fd_close (i32.const 4))",
      "(call $sock_shutdown (i32.const 9) (i32.const 0))",
    ]) {
      assert.equal(await errno(body), 8, body);
    }
  });

  it("of another kind for streams, which are no directories and do not seek", async () => {
    const open =
      "(call $path_open (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 16) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 8))";
    assert.equal(await errno(open), 54);
    assert.equal(await errno("(call $fd_seek (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 8))"), 70);
    assert.equal(await errno("(call $sock_shutdown (i32.const 0) (i32.const 0))"), 57);
  });

  it("for every function a number, the same in every run, and never a fault", async () => {
    for (const [name, signature] of WASI_FUNCTIONS) {
      if (name === "proc_exit") continue;
      for (const value of ["0", "1", "3", "-1", "65530"]) {
        const args = Array.from(signature.split(":")[0]!, (letter) => `(${TYPES[letter]}.const ${value})`).join(" ");
        const module = command(`(call $show (call $${name} ${args}))`);
        const first = await run(module, call({ limits: { outputBytes: 4 + (1 << 17) } }));
        assert.equal(first.status, STATUS.ok, `${name} ${value}`);
        assert.deepEqual(await run(module, call({ limits: { outputBytes: 4 + (1 << 17) } })), first);
      }
    }
  });

  it("that everything polled for is ready, with what is left of stdin", async () => {
    const poll = command(`
      (i64.store (i32.const 0) (i64.const 11)) (i32.store8 (i32.const 8) (i32.const 0))
      (i64.store (i32.const 48) (i64.const 22)) (i32.store8 (i32.const 56) (i32.const 1)) (i32.store (i32.const 64) (i32.const 0))
      (i64.store (i32.const 96) (i64.const 33)) (i32.store8 (i32.const 104) (i32.const 2)) (i32.store (i32.const 112) (i32.const 5))
      (call $show (call $poll_oneoff (i32.const 0) (i32.const 200) (i32.const 3) (i32.const 400)))
      (call $show (i32.load (i32.const 400)))
      (call $out (i32.const 200) (i32.const 96))`);
    const { output } = await run(poll, call({ input: utf8("hello") }));
    const view = new DataView(output.buffer);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true)], [0, 3]);
    const event = (i: number) => [
      view.getBigUint64(8 + i * 32, true),
      view.getUint16(16 + i * 32, true),
      view.getUint8(18 + i * 32),
      view.getBigUint64(24 + i * 32, true),
    ];
    assert.deepEqual(
      [event(0), event(1), event(2)],
      [
        [11n, 0, 0, 0n],
        [22n, 0, 1, 5n],
        [33n, 8, 2, 0n],
      ],
    );
  });
});

it("a reactor may use WASI, but has neither input nor arguments there", async () => {
  const module = wat(`(module ${IMPORTS} (memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "handle") (param i32 i32) (result i64)
      (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
      (i32.store (i32.const 16) (i32.const 100)) (i32.store (i32.const 20) (i32.const 50))
      (drop (call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 8)))
      (i64.const 12)))`);
  const { output } = await run(module, request({ args: ["x"], input: utf8("abc") }));
  assert.deepEqual(shown(output), [1, 5, 0]);
});
