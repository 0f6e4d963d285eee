import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STATUS } from "@demec/protocol/execution";
import { FILE_LIMITS, makeFiles } from "@demec/protocol/files";
import { LENGTH_WEIGHTS } from "../meter/weights.ts";
import { request } from "../testing/request.ts";
import { run } from "../testing/run.ts";
import { encodeCalls, errnosOf, type WasiCall, wasiPlayer } from "../testing/wasiPlayer.ts";
import { wat } from "../testing/wat.ts";
import { ERRNO } from "./errno.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const ROOT = 3;
const STAT_AT = 0x80;
const OPENED_AT = 0x40;
const USED_AT = 0x50;
const BUFFER_AT = 0x2000;
const READ = 2n;
const WRITE = 0x40n;
const CREATE = 1;
const APPEND = 1;

/** A program of calls about paths, which are put into memory behind its back. */
class Program {
  readonly calls: WasiCall[] = [];
  private readonly data = new Map<number, Uint8Array>();
  private end = 0x400;

  /** Puts bytes into memory. */
  put(bytes: Uint8Array): [at: number, length: number] {
    const at = this.end;
    if (bytes.length > 0) this.data.set(at, bytes);
    this.end += bytes.length;
    return [at, bytes.length];
  }
  path(text: string): [at: number, length: number] {
    return this.put(utf8(text));
  }
  call(name: string, ...args: (number | bigint)[]): this {
    this.calls.push({ name, args });
    return this;
  }
  open(path: string, flags = 0, rights = READ | WRITE, fdFlags = 0): this {
    return this.call("path_open", ROOT, 0, ...this.path(path), flags, rights, 0n, fdFlags, OPENED_AT);
  }
  /** Reads up to 4096 bytes to BUFFER_AT, or writes a text. */
  read(fd: number): this {
    return this.call("fd_read", fd, this.vector(BUFFER_AT, 4096), 1, USED_AT);
  }
  write(fd: number, text: string): this {
    return this.call("fd_write", fd, this.vector(...this.path(text)), 1, USED_AT);
  }
  list(fd: number, length = 4096, cookie = 0n): this {
    return this.call("fd_readdir", fd, BUFFER_AT, length, cookie, USED_AT);
  }
  private vector(at: number, length: number): number {
    return this.put(new Uint8Array(Uint32Array.of(at, length).buffer))[0];
  }

  async run(files: Record<string, Uint8Array> = {}) {
    const call = request({ input: encodeCalls(this.calls), clockNs: 5n, files: makeFiles(files) });
    const { status, output, bitOps } = await run(wasiPlayer(this.data), call);
    assert.equal(status, STATUS.ok);
    const view = new DataView(output.buffer, output.byteOffset);
    const used = view.getUint32(USED_AT, true);
    const read = output.slice(BUFFER_AT, BUFFER_AT + used);
    return { errnos: errnosOf(output, this.calls.length), view, read, text: new TextDecoder().decode(read), bitOps };
  }
}
const program = () => new Program();
const zeros = (count: number) => Array<number>(count).fill(0);

/** Names in what fd_readdir wrote, with their cookies. */
function entries(bytes: Uint8Array): [string, bigint][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: [string, bigint][] = [];
  for (let at = 0; at + 24 <= bytes.length; ) {
    const length = view.getUint32(at + 16, true);
    found.push([new TextDecoder().decode(bytes.subarray(at + 24, at + 24 + length)), view.getBigUint64(at, true)]);
    at += 24 + length;
  }
  return found;
}

describe("a program", () => {
  it("finds the request's files below the one directory it is given, named /", async () => {
    const calls = program()
      .call("fd_prestat_get", ROOT, STAT_AT)
      .call("fd_prestat_dir_name", ROOT, BUFFER_AT + 100, 1);
    calls.call("fd_prestat_get", 4, STAT_AT).open("data/größe.csv").read(4);
    const { errnos, text, view } = await calls.run({ "data/größe.csv": utf8("1;2;3"), z: utf8("other") });
    assert.deepEqual(errnos, [0, 0, ERRNO.badf, 0, 0]);
    assert.deepEqual([view.getUint32(STAT_AT + 4, true), view.getUint8(BUFFER_AT + 100), text], [1, 0x2f, "1;2;3"]);
  });

  it("makes files of its own, writes, seeks, reads, appends and cuts them", async () => {
    const calls = program().open("new", CREATE).write(4, "hello world").call("fd_seek", 4, 6n, 0, STAT_AT);
    calls.write(4, "there").call("fd_seek", 4, -5n, 2, STAT_AT).call("fd_close", 4);
    calls
      .open("new", 0, READ | WRITE, APPEND)
      .write(4, "!!")
      .call("fd_filestat_set_size", 4, 12n);
    const { errnos, text } = await calls.call("fd_seek", 4, 0n, 0, STAT_AT).read(4).run();
    assert.deepEqual([errnos, text], [zeros(11), "hello there!"]);
  });

  it("changes its own copy of a file, and no other call sees what it made", async () => {
    const bytes = utf8("untouched");
    const calls = program().open("a").write(4, "changed").open("b", CREATE);
    for (let again = 0; again < 2; again++) assert.deepEqual((await calls.run({ a: bytes })).errnos, [0, 0, 0]);
    assert.equal(new TextDecoder().decode(bytes), "untouched");
    assert.deepEqual((await program().open("b").run({ a: bytes })).errnos, [ERRNO.noent]);
  });

  it("never gets above the directory that it looks from, by no call", async () => {
    const paths = ["..", "../a", "d/../../a", "/", "/a", "d/e/../../../x", "./..", "../../../../etc/passwd"];
    const calls = program();
    for (const path of paths) {
      const range = calls.path(path);
      calls.call("path_open", ROOT, 0, ...range, 0, READ, 0n, 0, OPENED_AT);
      calls.call("path_filestat_get", ROOT, 0, ...range, STAT_AT).call("path_create_directory", ROOT, ...range);
      calls.call("path_unlink_file", ROOT, ...range).call("path_remove_directory", ROOT, ...range);
      calls.call("path_rename", ROOT, ...range, ROOT, ...calls.path("b"));
      calls.call("path_rename", ROOT, ...calls.path("a"), ROOT, ...range);
      calls.call("path_readlink", ROOT, ...range, BUFFER_AT, 10, USED_AT);
    }
    const { errnos } = await calls.run({ a: utf8("a"), "d/e/f": utf8("f") });
    assert.deepEqual(new Set(errnos), new Set([ERRNO.notcapable]));
    // A directory that was opened is a root of its own.
    const inside = program()
      .open("d", 2)
      .call("path_open", 4, 0, ...calls.path("../a"), 0, READ, 0n, 0, OPENED_AT);
    inside.call("path_open", 4, 0, ...inside.path("../a"), 0, READ, 0n, 0, OPENED_AT);
    assert.equal((await inside.run({ a: utf8("a"), "d/e": utf8("") })).errnos[2], ERRNO.notcapable);
  });

  it("makes no links", async () => {
    const calls = program();
    const [a, b] = [calls.path("a"), calls.path("b")];
    calls.call("path_symlink", ...a, ROOT, ...b).call("path_link", ROOT, 0, ...a, ROOT, ...b);
    calls.call("path_readlink", ROOT, ...a, BUFFER_AT, 10, USED_AT).call("path_filestat_get", ROOT, 0, ...b, STAT_AT);
    const { errnos } = await calls.run({ a: utf8("a") });
    assert.deepEqual(errnos, [ERRNO.notsup, ERRNO.notsup, ERRNO.inval, ERRNO.noent]);
  });

  it("lists a directory in the order its entries came, and removes them while it lists", async () => {
    const calls = program()
      .open("late", CREATE)
      .call("path_create_directory", ROOT, ...program().path(""));
    calls.list(ROOT);
    const { read } = await calls.run({ b: utf8(""), "a/x": utf8("") });
    assert.deepEqual(
      entries(read).map(([name]) => name),
      [".", "..", "a", "b", "late"],
    );
    // Two entries at a time; what was shown is removed before it goes on.
    const more = program().list(ROOT, 24 * 3 + 3);
    for (const name of ["0", "1"]) more.call("path_unlink_file", ROOT, ...more.path(name));
    more.list(ROOT, 4096, 3n);
    const files = Object.fromEntries(["0", "1", "2", "3"].map((name) => [name, utf8("")]));
    assert.deepEqual(entries((await more.run(files)).read), [
      ["2", 5n],
      ["3", 6n],
    ]);
  });

  it("knows files by type, size, number in the order of creation, and times that are the request's clock", async () => {
    const calls = program();
    const stat = (path: string, at: number) => calls.call("path_filestat_get", ROOT, 0, ...calls.path(path), at);
    stat(".", 0x80);
    stat("d/f", 0xc0);
    calls.open("d/f").call("fd_filestat_set_times", 4, 9n, 0n, 1);
    stat("d/f", 0x100);
    const { errnos, view } = await calls.run({ "d/f": utf8("four") });
    assert.deepEqual(errnos, zeros(5));
    const shown = (at: number) => [
      view.getUint8(at + 16),
      ...[8, 32, 40, 48, 56].map((i) => view.getBigUint64(at + i, true)),
    ];
    assert.deepEqual(shown(0x80), [3, 1n, 0n, 5n, 5n, 5n]);
    assert.deepEqual(shown(0xc0), [4, 3n, 4n, 5n, 5n, 5n]);
    assert.deepEqual(shown(0x100), [4, 3n, 4n, 9n, 5n, 5n]);
  });

  it("keeps using what it removed until it closes it, and only then its room is free", async () => {
    const size = BigInt(FILE_LIMITS.bytes);
    const calls = program().open("big", CREATE).call("fd_filestat_set_size", 4, size).open("more", CREATE);
    calls
      .write(5, "x")
      .call("path_unlink_file", ROOT, ...calls.path("big"))
      .write(5, "x");
    calls.call("fd_filestat_get", 4, STAT_AT).call("fd_close", 4).write(5, "x");
    const { errnos, view } = await calls.run();
    assert.deepEqual(errnos, [0, 0, 0, ERRNO.nospc, 0, ERRNO.nospc, 0, 0, 0]);
    assert.deepEqual([view.getBigUint64(STAT_AT + 24, true), view.getBigUint64(STAT_AT + 32, true)], [0n, size]);
  });

  it("replaces by renaming, and gets back the room of what was replaced", async () => {
    const half = BigInt(FILE_LIMITS.bytes / 2);
    const calls = program().open("a", CREATE).call("fd_filestat_set_size", 4, half).call("fd_close", 4);
    calls
      .open("b", CREATE)
      .call("fd_filestat_set_size", 4, half)
      .call("fd_filestat_set_size", 4, half + 1n);
    calls.call("path_rename", ROOT, ...calls.path("b"), ROOT, ...calls.path("a"));
    calls.call("fd_filestat_set_size", 4, half + 1n).call("path_filestat_get", ROOT, 0, ...calls.path("b"), STAT_AT);
    assert.deepEqual((await calls.run()).errnos, [0, 0, 0, 0, 0, ERRNO.nospc, 0, 0, ERRNO.noent]);
  });

  it("moves a directory with all that is in it, but not into itself", async () => {
    const calls = program();
    const rename = (from: string, to: string) =>
      calls.call("path_rename", ROOT, ...calls.path(from), ROOT, ...calls.path(to));
    rename("d", "d/e/d");
    rename("d/e", "e");
    rename("d", "e/d");
    rename("e", "e/d/f");
    calls.open("e/f").read(4).open("e/d/../../e/d", 2);
    const { errnos, text } = await calls.run({ "d/e/f": utf8("moved") });
    assert.deepEqual([errnos, text], [[ERRNO.inval, 0, 0, ERRNO.inval, 0, 0, 0], "moved"]);
  });

  it("reads and writes only what it opened for that", async () => {
    const calls = program().open("a", 0, READ).open("a", 0, WRITE).open("a", 0, 0n).open(".", 2);
    for (const fd of [4, 5, 6, 7]) calls.read(fd).write(fd, "x");
    calls.call("fd_filestat_set_size", 4, 0n).call("fd_allocate", 4, 0n, 9n).open(".", 0, WRITE);
    const { errnos } = await calls.run({ a: utf8("a") });
    const { badf, isdir } = ERRNO;
    assert.deepEqual(errnos.slice(4), [0, badf, badf, 0, badf, badf, isdir, isdir, badf, badf, isdir]);
  });
});

describe("bounds", () => {
  it("on files and directories count the request's, and end in ENOSPC", async () => {
    const names = Array.from({ length: FILE_LIMITS.nodes - 2 }, (_, i) => [`${i}`, utf8("")]);
    const calls = program().open("one more", CREATE).open("too many", CREATE);
    calls.call("path_create_directory", ROOT, ...calls.path("d")).call("path_unlink_file", ROOT, ...calls.path("0"));
    calls.open("again", CREATE);
    assert.deepEqual((await calls.run(Object.fromEntries(names))).errnos, [0, ERRNO.nospc, ERRNO.nospc, 0, 0]);
  });

  it("on names and paths end in ENAMETOOLONG", async () => {
    const calls = program();
    for (const path of ["n".repeat(255), "n".repeat(256), "d/".repeat(2048), `${"d/".repeat(2048)}d`]) calls.open(path);
    const { noent, nametoolong } = ERRNO;
    assert.deepEqual((await calls.run()).errnos, [noent, nametoolong, noent, nametoolong]);
  });

  it("on descriptors end in EMFILE, and the lowest free number is given", async () => {
    const module = wat(`(module
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 16) ".")
      (func (export "alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "handle") (param i32 i32) (result i64) (local $errno i32)
        (loop $more
          (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 2)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
          (br_if $more (i32.eqz (local.get $errno))))
        (i32.store (i32.const 4) (local.get $errno))
        (i64.const 8)))`);
    const { output } = await run(module);
    const view = new DataView(output.buffer, output.byteOffset);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true)], [FILE_LIMITS.descriptors - 1, ERRNO.mfile]);
  });
});

describe("prices", () => {
  const costOf = async (calls: Program, files: Record<string, Uint8Array> = {}) => (await calls.run(files)).bitOps;

  it("of paths go by their bytes, of the request's too", async () => {
    const ofLength = (length: number) => {
      const calls = program();
      const [at] = calls.path("a".repeat(200));
      return costOf(calls.call("path_filestat_get", ROOT, 0, at, length, STAT_AT));
    };
    const [short, long] = [await ofLength(1), await ofLength(200)];
    assert.equal(long - short, BigInt(199 * LENGTH_WEIGHTS.opsPerPathByte));
    const [with1, with9] = [
      await costOf(program(), { a: utf8("x") }),
      await costOf(program(), { "abcd/efgh": utf8("x") }),
    ];
    assert.equal(with9 - with1, BigInt(8 * LENGTH_WEIGHTS.opsPerPathByte));
  });

  it("of a listing go by the length of the directory", async () => {
    const files = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}`, utf8("")]));
    const [few, many] = [await costOf(program().list(ROOT), files(1)), await costOf(program().list(ROOT), files(9))];
    assert.equal(many - few, BigInt(8 * (LENGTH_WEIGHTS.opsPerDirectoryEntry + LENGTH_WEIGHTS.opsPerPathByte)));
  });

  it("of a first write to a request's file cover its copy, of a gap its zeros", async () => {
    const write = (at: bigint) => {
      const calls = program().open("a").write(4, "x");
      return calls.call("fd_seek", 4, at, 0, STAT_AT).write(4, "x");
    };
    const files = (length: number) => ({ a: new Uint8Array(length) });
    assert.equal((await costOf(write(0n), files(4000))) - (await costOf(write(0n), files(0))), 1000n);
    assert.equal((await costOf(write(4001n), files(0))) - (await costOf(write(1n), files(0))), 1000n);
  });
});
