import { STATUS } from "@demec/protocol/execution";
import * as fd from "./descriptorFunctions.ts";
import { ERRNO } from "./errno.ts";
import type { GuestMemory } from "./guestMemory.ts";
import { Ended, type WasiHost } from "./host.ts";
import * as path from "./pathFunctions.ts";

/** A host function as the program calls it; i64 parameters are bigints. */
type HostFunction = (host: WasiHost, ...args: never[]) => number;

const CLOCKS = 4;
const CLOCK_RESOLUTION_NS = 1n;

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
  const ready = type === EVENT_CLOCK ? 0 : bytesReady(host, memory.u32(from + 16), type === EVENT_READ);
  memory.bytes(to, EVENT_BYTES).fill(0);
  memory.setU64(to, userData);
  memory.setU16(to + 8, ready === undefined ? ERRNO.badf : ERRNO.success);
  memory.setU8(to + 10, type);
  memory.setU64(to + 16, BigInt(ready ?? 0));
}

/** Bytes that can be read, 0 where something can be written, undefined for what a descriptor is not open for. */
function bytesReady(host: WasiHost, fd: number, isRead: boolean): number | undefined {
  const descriptor = host.descriptors.find(fd);
  switch (descriptor?.kind) {
    case "stream":
      if (isRead !== (descriptor.name === "stdin")) return undefined;
      return isRead ? host.inputReady : 0;
    case "file":
      if (!(isRead ? descriptor.canRead : descriptor.canWrite)) return undefined;
      return isRead ? Math.max(0, descriptor.node.size - descriptor.position) : 0;
  }
  return undefined;
}

/** Sockets: no descriptor is one. */
function noSocket(host: WasiHost, fd: number): number {
  host.descriptors.get(fd);
  return ERRNO.notsock;
}

/** Rights are what a descriptor was opened for, and stay so. */
function setRights(host: WasiHost, fd: number): number {
  host.descriptors.get(fd);
  return ERRNO.notsup;
}

/** Every function of WASI preview 1. Pointers and lengths arrive as int32: {@link wasiImports} makes them unsigned. */
const FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  args_get: (host: WasiHost, pointers: number, buffer: number) => stringsGet(host, host.args, pointers, buffer),
  args_sizes_get: (host: WasiHost, count: number, size: number) => stringSizes(host, host.args, count, size),
  environ_get: (host: WasiHost, pointers: number, buffer: number) => stringsGet(host, host.env, pointers, buffer),
  environ_sizes_get: (host: WasiHost, count: number, size: number) => stringSizes(host, host.env, count, size),
  clock_res_get: (host: WasiHost, id: number, at: number) => clock(host, id, at, CLOCK_RESOLUTION_NS),
  clock_time_get: (host: WasiHost, id: number, _precision: bigint, at: number) => clock(host, id, at, host.clockNs),
  fd_advise: fd.fdAdvise,
  fd_allocate: fd.fdAllocate,
  fd_close: fd.fdClose,
  fd_datasync: fd.fdSync,
  fd_fdstat_get: fd.fdFdstatGet,
  fd_fdstat_set_flags: fd.fdFdstatSetFlags,
  fd_fdstat_set_rights: setRights,
  fd_filestat_get: fd.fdFilestatGet,
  fd_filestat_set_size: fd.fdFilestatSetSize,
  fd_filestat_set_times: fd.fdFilestatSetTimes,
  fd_pread: fd.fdPread,
  fd_prestat_get: fd.fdPrestatGet,
  fd_prestat_dir_name: fd.fdPrestatDirName,
  fd_pwrite: fd.fdPwrite,
  fd_read: fd.fdRead,
  fd_readdir: fd.fdReaddir,
  fd_renumber: fd.fdRenumber,
  fd_seek: fd.fdSeek,
  fd_sync: fd.fdSync,
  fd_tell: fd.fdTell,
  fd_write: fd.fdWrite,
  path_create_directory: path.pathCreateDirectory,
  path_filestat_get: path.pathFilestatGet,
  path_filestat_set_times: path.pathFilestatSetTimes,
  path_link: path.pathLink,
  path_open: path.pathOpen,
  path_readlink: path.pathReadlink,
  path_remove_directory: path.pathRemoveDirectory,
  path_rename: path.pathRename,
  path_symlink: path.pathSymlink,
  path_unlink_file: path.pathUnlinkFile,
  poll_oneoff: poll,
  proc_exit: (_host: WasiHost, code: number) => {
    throw new Ended(code === 0 ? STATUS.ok : STATUS.exitCode, code);
  },
  proc_raise: () => ERRNO.nosys,
  random_get: randomGet,
  sched_yield: () => ERRNO.success,
  sock_accept: noSocket,
  sock_recv: noSocket,
  sock_send: noSocket,
  sock_shutdown: noSocket,
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
