/** Whatever sequence of calls a program makes about files, V8 and Wasmtime answer it alike, to the byte and the operation. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STATUS } from "@demec/protocol/execution";
import { makeFiles } from "@demec/protocol/files";
import fc from "fast-check";
import { request } from "../../packages/wasm/src/testing/request.ts";
import {
  encodeCalls,
  errnosOf,
  MEMORY_BYTES,
  MOST_CALLS,
  type WasiCall,
  wasiPlayer,
} from "../../packages/wasm/src/testing/wasiPlayer.ts";
import { WASI_FUNCTIONS } from "../../packages/wasm/src/wasi/signatures.ts";
import { Both, repeatInChromium, skip } from "./support.ts";

const SEQUENCES = 500;
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Paths stand in memory one after the other, from here on. */
const PATHS_AT = 0x200;
const NAMES = ["a", "b", "d", "e", "größe"];
const PATHS = [
  ...NAMES,
  ...[
    "d/a",
    "d/b",
    "d/e",
    "d/e/a",
    "d/e/d",
    "e/a",
    "d/../a",
    "d/./e/../a",
    "d//e//",
    "d/",
    "a/",
    "e/.",
    "new/x",
    "new/",
  ],
  ...[".", "..", "./", "../a", "d/../..", "d/../../a", "a/..", "a/b", "/", "/a", "", "a\0b", "....", "..a"],
  "n".repeat(255),
  "n".repeat(256),
  `d/${"n".repeat(256)}/x`,
];
const data = new Map<number, Uint8Array>();
const pathRanges: [number, number][] = [];
let end = PATHS_AT;
for (const path of PATHS) {
  const bytes = utf8(path);
  if (bytes.length > 0) data.set(end, bytes);
  pathRanges.push([end, bytes.length]);
  end += bytes.length;
}
/** Arrays of (pointer, length) pairs: into data, overlapping, empty, and out of memory. */
const IOVECS_AT = 0x40;
const IOVECS = [0x1000, 10, 0x1100, 0, 0x1005, 300, 0x2000, 4000, 0x1000, 1, MEMORY_BYTES - 4, 5];
data.set(IOVECS_AT, new Uint8Array(Uint32Array.from(IOVECS).buffer));
data.set(
  0x1000,
  Uint8Array.from({ length: 0x400 }, (_, i) => i * 7 + 1),
);

const from = <T>(...values: T[]) => fc.constantFrom(...values);
const fd = fc.oneof(
  { arbitrary: from(3), weight: 6 },
  { arbitrary: fc.integer({ min: 3, max: 8 }), weight: 12 },
  from(0, 1, 2, 10, 1023, 1024, 0xffff_ffff),
);
/** The root is closed now and then only: nothing can be opened afterwards. */
const closable = fc.oneof({ arbitrary: fc.integer({ min: 4, max: 9 }), weight: 60 }, from(3, 0, 1, 1024));
const path = fc.oneof(
  { arbitrary: from(...pathRanges.slice(0, 18)), weight: 12 },
  { arbitrary: from(...pathRanges), weight: 6 },
  from<[number, number]>([PATHS_AT, 4097], [0x2000, 5000], [0x2000, 2], [MEMORY_BYTES - 1, 2], [0xffff_ffff, 1]),
);
/** "d", "e", "d/e", "e/d". */
const directory = from(...[2, 3, 5, 6].map((i) => pathRanges[i]!));
const pointer = fc.oneof(
  { arbitrary: from(0x100, 0x108, 0x140, 0x180, 0x1000, 0x1003), weight: 14 },
  from(MEMORY_BYTES - 3, MEMORY_BYTES - 8, 0xffff_fff8),
);
const iovecs = fc.tuple(
  fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 5 }).map((i) => IOVECS_AT + i * 8), weight: 12 },
    from(MEMORY_BYTES - 8, 0xffff_ffff),
  ),
  fc.oneof({ arbitrary: fc.integer({ min: 0, max: 3 }), weight: 12 }, from(0x2000_0000)),
);
const offset = fc.oneof(
  { arbitrary: fc.bigInt(0n, 500n), weight: 10 },
  { arbitrary: fc.bigInt(0n, 70_000n), weight: 2 },
  from(
    2n ** 25n + 1n,
    2n ** 25n - 4n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n - 40n,
  ),
);
const flags = (max: number) =>
  fc.oneof({ arbitrary: fc.integer({ min: 0, max }), weight: 10 }, from(max + 1, 0x1_0000, 0xffff_ffff));
const rights = from(2n, 0x40n, 0x42n, 2n ** 64n - 1n, 0n);
const time = fc.bigInt(0n, 2n ** 64n - 1n);
const buffer = from<[number, number]>([0x2000, 4096], [0x2000, 100], [0x2000, 23], [0x2000, 0], [MEMORY_BYTES - 9, 10]);

/** Arguments of a function: arbitraries whose values stand one behind the other. */
const made = (name: string, ...parts: fc.Arbitrary<unknown>[]): fc.Arbitrary<WasiCall> =>
  fc.tuple(...parts).map((values) => ({ name, args: values.flat() as (number | bigint)[] }));
const lookup = fc.oneof({ arbitrary: from(0, 1), weight: 9 }, from(2));
const open = made("path_open", fd, lookup, path, flags(15), rights, from(0n), flags(31), pointer);
const openIn = (directory: number, openFlags: number) =>
  made("path_open", from(directory), from(0), path, from(openFlags), from(0x42n), from(0n), from(0, 1), from(0x100));
const likely = fc.oneof(
  ...[open, openIn(3, 0), openIn(3, 1), openIn(3, 2), openIn(4, 1), openIn(3, 9)],
  made("path_create_directory", fd, path),
  made("path_filestat_get", fd, lookup, path, pointer),
  made("path_rename", fd, path, fd, path),
  made("path_rename", from(3), directory, from(3), directory),
  made("path_create_directory", from(3), directory),
  made("path_unlink_file", fd, path),
  made("path_remove_directory", fd, path),
  ...["fd_read", "fd_write"].map((name) => made(name, fd, iovecs, pointer)),
  ...["fd_pread", "fd_pwrite"].map((name) => made(name, fd, iovecs, offset, pointer)),
  made("fd_seek", fd, offset, flags(2), pointer),
  made("fd_readdir", fd, buffer, fc.oneof(fc.bigInt(0n, 8n), offset), pointer),
  made("fd_filestat_set_size", fd, offset),
  made("fd_close", closable),
);
const rare = fc.oneof(
  made("path_filestat_set_times", fd, lookup, path, time, time, flags(15)),
  made("fd_filestat_set_times", fd, time, time, flags(15)),
  made("path_link", fd, lookup, path, fd, path),
  made("path_symlink", path, fd, path),
  made("path_readlink", fd, path, buffer, pointer),
  made("fd_allocate", fd, offset, offset),
  made("fd_advise", fd, offset, offset, flags(5)),
  made("fd_fdstat_set_flags", fd, flags(31)),
  made("fd_fdstat_set_rights", fd, rights, rights),
  made("fd_renumber", closable, closable),
  made("fd_prestat_dir_name", fd, buffer),
  ...["fd_tell", "fd_fdstat_get", "fd_filestat_get", "fd_prestat_get"].map((name) => made(name, fd, pointer)),
  ...["fd_sync", "fd_datasync"].map((name) => made(name, fd)),
  made("poll_oneoff", from(0x1000, 0x2000), pointer, fc.integer({ min: 0, max: 3 }), pointer),
);
/** Any function with any numbers, none of them so large that what is logged is written over. */
const wild = from(...[...WASI_FUNCTIONS].filter(([name]) => name !== "proc_exit")).chain(([name, signature]) =>
  made(name, ...Array.from(signature.split(":")[0]!, () => from(0, 1, 2, 5, 9, 0x100, 0x1003))),
);
const sequence = fc.array(
  fc.oneof({ arbitrary: likely, weight: 12 }, { arbitrary: rare, weight: 4 }, { arbitrary: wild, weight: 1 }),
  { minLength: 1, maxLength: MOST_CALLS, size: "max" },
);

const files = makeFiles({
  a: utf8("the first file"),
  "d/a": Uint8Array.from({ length: 700 }, (_, i) => i),
  "d/e/a": new Uint8Array(0),
  größe: utf8("ß".repeat(40)),
});

describe("files on both engines", { skip }, () => {
  it("answer any sequence of calls alike, in memory, in errors and in work", async () => {
    const player = await Both.compile(wasiPlayer(data));
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(sequence, fc.boolean(), fc.double({ min: 0, max: 2, noNaN: true }), (calls, hasFiles, share) => {
        const call = request({ input: encodeCalls(calls), clockNs: 77n, files: hasFiles ? files : [] });
        const outcome = player.outcome(call);
        assert.equal(outcome.status, STATUS.ok);
        for (const [i, errno] of errnosOf(outcome.output, calls.length).entries()) {
          const key = `${calls[i]!.name} ${errno}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
        }
        // Cut short anywhere it ends the same way, too.
        const bitOps = BigInt(Math.floor(Number(outcome.bitOps) * share));
        player.outcome({ ...call, limits: { ...call.limits, bitOps } });
      }),
      { numRuns: SEQUENCES },
    );
    // The sequences are worth playing: every function has succeeded that can, and every error was seen.
    const errnos = new Set([...seen.keys()].map((key) => Number(key.split(" ")[1])));
    for (const errno of [0, 8, 20, 21, 28, 31, 37, 44, 51, 54, 55, 58, 70, 76])
      assert.ok(errnos.has(errno), `${errno}`);
    const never = [...WASI_FUNCTIONS.keys()].filter((name) => !seen.has(`${name} 0`));
    assert.deepEqual(never.sort(), [
      ...["fd_fdstat_set_rights", "path_link", "path_readlink", "path_symlink", "proc_exit", "proc_raise"],
      ...["sock_accept", "sock_recv", "sock_send", "sock_shutdown"],
    ]);
  });

  repeatInChromium();
});
