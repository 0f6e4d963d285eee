import { STATUS } from "@demec/protocol/execution";
import { ERRNO } from "./errno.ts";
import type { GuestMemory } from "./guestMemory.ts";
import { Ended, type WasiHost } from "./host.ts";

/** A host function as the program calls it; i64 parameters are bigints. */
type HostFunction = (host: WasiHost, ...args: never[]) => number;

const FILE_TYPE_UNKNOWN = 0;
const RIGHT_READ = 1n << 1n;
const RIGHT_WRITE = 1n << 6n;
const RIGHT_POLL = 1n << 27n;
const CLOCKS = 4;
const CLOCK_RESOLUTION_NS = 1n;
const IOVEC_BYTES = 8;

/** Pointers and lengths in turn, and their lengths together. */
interface Ranges {
  readonly pairs: readonly number[];
  readonly total: number;
}

/**
 * Ranges of an array of (pointer, length) pairs, all of them inside memory; undefined: longer than uint32 together. As
 * numbers: a view of each would cost a hundred times what it is charged.
 */
function ranges(host: WasiHost, at: number, count: number): Ranges | undefined {
  const { memory } = host;
  memory.check(at, count * IOVEC_BYTES);
  host.chargeBytes(count * IOVEC_BYTES * 4);
  const pairs: number[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const entry = at + i * IOVEC_BYTES;
    const pointer = memory.u32(entry);
    const length = memory.u32(entry + 4);
    memory.check(pointer, length);
    total += length;
    if (length > 0) pairs.push(pointer, length);
  }
  return total > 0xffff_ffff ? undefined : { pairs, total };
}

function fdRead(host: WasiHost, fd: number, iovs: number, count: number, readAt: number): number {
  if (host.descriptors.get(fd) !== "stdin") return ERRNO.badf;
  const targets = ranges(host, iovs, count);
  if (targets === undefined) return ERRNO.inval;
  host.memory.check(readAt, 4);
  host.beginRead(targets.total);
  const { pairs } = targets;
  let read = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const wanted = pairs[i + 1]!;
    const length = host.read(pairs[i]!, wanted);
    read += length;
    if (length < wanted) break;
  }
  host.memory.setU32(readAt, read);
  return ERRNO.success;
}

function fdWrite(host: WasiHost, fd: number, iovs: number, count: number, writtenAt: number): number {
  const stream = host.descriptors.get(fd);
  if (stream !== "stdout" && stream !== "stderr") return ERRNO.badf;
  const sources = ranges(host, iovs, count);
  if (sources === undefined) return ERRNO.inval;
  host.memory.check(writtenAt, 4);
  host.chargeBytes(sources.total);
  const { pairs } = sources;
  for (let i = 0; i < pairs.length; i += 2) host.write(stream, pairs[i]!, pairs[i + 1]!);
  host.memory.setU32(writtenAt, sources.total);
  return ERRNO.success;
}

function stringSizes(host: WasiHost, strings: readonly Uint8Array[], countAt: number, sizeAt: number): number {
  host.memory.check(countAt, 4);
  host.memory.check(sizeAt, 4);
  host.memory.setU32(countAt, strings.length);
  host.memory.setU32(
    sizeAt,
    strings.reduce((sum, string) => sum + string.length, 0),
  );
  return ERRNO.success;
}

function stringsGet(host: WasiHost, strings: readonly Uint8Array[], pointersAt: number, bufferAt: number): number {
  const { memory } = host;
  const total = strings.reduce((sum, string) => sum + string.length, 0);
  memory.check(pointersAt, strings.length * 4);
  memory.check(bufferAt, total);
  host.chargeBytes(total + strings.length * 4);
  let pointer = pointersAt;
  let at = bufferAt;
  for (const string of strings) {
    memory.setU32(pointer, at);
    memory.bytes(at, string.length).set(string);
    pointer += 4;
    at += string.length;
  }
  return ERRNO.success;
}

function clock(host: WasiHost, id: number, at: number, value: bigint): number {
  if (id >= CLOCKS) return ERRNO.inval;
  host.memory.setU64(at, value);
  return ERRNO.success;
}

function randomGet(host: WasiHost, at: number, length: number): number {
  const target = host.memory.bytes(at, length);
  host.chargeRandom(length);
  host.random.fill(target);
  return ERRNO.success;
}

function fdstatGet(host: WasiHost, fd: number, at: number): number {
  const stream = host.descriptors.get(fd);
  if (stream === undefined) return ERRNO.badf;
  const { memory } = host;
  memory.bytes(at, 24).fill(0);
  memory.setU8(at, FILE_TYPE_UNKNOWN);
  memory.setU64(at + 8, RIGHT_POLL | (stream === "stdin" ? RIGHT_READ : RIGHT_WRITE));
  return ERRNO.success;
}

function filestatGet(host: WasiHost, fd: number, at: number): number {
  if (!host.descriptors.has(fd)) return ERRNO.badf;
  const { memory } = host;
  memory.bytes(at, 64).fill(0);
  memory.setU64(at + 8, BigInt(fd));
  memory.setU8(at + 16, FILE_TYPE_UNKNOWN);
  memory.setU64(at + 24, 1n);
  return ERRNO.success;
}

function renumber(host: WasiHost, from: number, to: number): number {
  const stream = host.descriptors.get(from);
  if (stream === undefined || !host.descriptors.has(to)) return ERRNO.badf;
  host.descriptors.delete(from);
  host.descriptors.set(to, stream);
  return ERRNO.success;
}

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const EVENT_CLOCK = 0;
const EVENT_READ = 1;
const EVENT_WRITE = 2;

/** Everything polled for is ready at once: time stands still, so a timeout would never come. */
function poll(host: WasiHost, subscriptionsAt: number, eventsAt: number, count: number, countAt: number): number {
  const { memory } = host;
  if (count === 0) return ERRNO.inval;
  const subscriptions = memory.bytes(subscriptionsAt, count * SUBSCRIPTION_BYTES);
  memory.check(eventsAt, count * EVENT_BYTES);
  memory.check(countAt, 4);
  host.chargeBytes(count * (SUBSCRIPTION_BYTES + EVENT_BYTES) * 4);
  for (let i = 0; i < count; i++) {
    if (subscriptions[i * SUBSCRIPTION_BYTES + 8]! > EVENT_WRITE) return ERRNO.inval;
  }
  for (let i = 0; i < count; i++) {
    pollOne(host, memory, subscriptionsAt + i * SUBSCRIPTION_BYTES, eventsAt + i * EVENT_BYTES);
  }
  memory.setU32(countAt, count);
  return ERRNO.success;
}

function pollOne(host: WasiHost, memory: GuestMemory, from: number, to: number): void {
  const userData = memory.u64(from);
  const type = memory.u8(from + 8);
  const stream = type === EVENT_CLOCK ? undefined : host.descriptors.get(memory.u32(from + 16));
  const isReady = type === EVENT_CLOCK || (type === EVENT_READ) === (stream === "stdin");
  memory.bytes(to, EVENT_BYTES).fill(0);
  memory.setU64(to, userData);
  memory.setU16(to + 8, isReady && (type === EVENT_CLOCK || stream !== undefined) ? ERRNO.success : ERRNO.badf);
  memory.setU8(to + 10, type);
  if (type === EVENT_READ && stream === "stdin") memory.setU64(to + 16, BigInt(host.inputReady));
}

/** A function that exists for descriptors of another kind than a program has. */
function wrongKind(errno: number, fdArgument = 0): HostFunction {
  return (host: WasiHost, ...args: number[]) =>
    host.descriptors.has(Number(args[fdArgument]) >>> 0) ? errno : ERRNO.badf;
}
const { notdir, spipe, inval, notsock, success, badf, nosys } = ERRNO;

/** Every function of WASI preview 1. Pointers and lengths arrive as int32: {@link wasiImports} makes them unsigned. */
const FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  args_get: (host: WasiHost, pointers: number, buffer: number) => stringsGet(host, host.args, pointers, buffer),
  args_sizes_get: (host: WasiHost, count: number, size: number) => stringSizes(host, host.args, count, size),
  environ_get: (host: WasiHost, pointers: number, buffer: number) => stringsGet(host, host.env, pointers, buffer),
  environ_sizes_get: (host: WasiHost, count: number, size: number) => stringSizes(host, host.env, count, size),
  clock_res_get: (host: WasiHost, id: number, at: number) => clock(host, id, at, CLOCK_RESOLUTION_NS),
  clock_time_get: (host: WasiHost, id: number, _precision: bigint, at: number) => clock(host, id, at, host.clockNs),
  fd_advise: wrongKind(spipe),
  fd_allocate: wrongKind(spipe),
  fd_close: (host: WasiHost, fd: number) => (host.descriptors.delete(fd) ? success : badf),
  fd_datasync: wrongKind(inval),
  fd_fdstat_get: fdstatGet,
  fd_fdstat_set_flags: wrongKind(success),
  fd_fdstat_set_rights: wrongKind(success),
  fd_filestat_get: filestatGet,
  fd_filestat_set_size: wrongKind(inval),
  fd_filestat_set_times: wrongKind(inval),
  fd_pread: wrongKind(spipe),
  fd_prestat_get: () => badf,
  fd_prestat_dir_name: () => badf,
  fd_pwrite: wrongKind(spipe),
  fd_read: fdRead,
  fd_readdir: wrongKind(notdir),
  fd_renumber: renumber,
  fd_seek: wrongKind(spipe),
  fd_sync: wrongKind(inval),
  fd_tell: wrongKind(spipe),
  fd_write: fdWrite,
  path_create_directory: wrongKind(notdir),
  path_filestat_get: wrongKind(notdir),
  path_filestat_set_times: wrongKind(notdir),
  path_link: wrongKind(notdir),
  path_open: wrongKind(notdir),
  path_readlink: wrongKind(notdir),
  path_remove_directory: wrongKind(notdir),
  path_rename: wrongKind(notdir),
  path_symlink: wrongKind(notdir, 2),
  path_unlink_file: wrongKind(notdir),
  poll_oneoff: poll,
  proc_exit: (_host: WasiHost, code: number) => {
    throw new Ended(code === 0 ? STATUS.ok : STATUS.exitCode, code);
  },
  proc_raise: () => nosys,
  random_get: randomGet,
  sched_yield: () => success,
  sock_accept: wrongKind(notsock),
  sock_recv: wrongKind(notsock),
  sock_send: wrongKind(notsock),
  sock_shutdown: wrongKind(notsock),
};

/**
 * Import object of the WASI layer.
 * @param current the world of the invocation that is running; asked at every call, so that the imports serve many
 */
export function wasiImports(current: () => WasiHost): Record<string, (...args: (number | bigint)[]) => number> {
  const imports: Record<string, (...args: (number | bigint)[]) => number> = {};
  for (const [name, body] of Object.entries(FUNCTIONS)) {
    imports[name] = (...args) => {
      const host = current();
      const unsigned = args.map((arg) => (typeof arg === "number" ? arg >>> 0 : arg));
      return host.call(() => (body as (host: WasiHost, ...args: (number | bigint)[]) => number)(host, ...unsigned));
    };
  }
  return imports;
}
