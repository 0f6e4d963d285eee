/** The fd_* functions of WASI. */
import { FILE_LIMITS } from "@demec/protocol/files";
import type { OpenFile } from "./descriptors.ts";
import { ERRNO, Failed } from "./errno.ts";
import type { FileSystemNode } from "./fileTree.ts";
import type { WasiHost } from "./host.ts";
import { type Ranges, ranges } from "./ranges.ts";
import { FILE_TYPE, FILESTAT_BYTES, setTimes, writeFdstat, writeFilestat, writeStreamStat } from "./stat.ts";

const { success, badf, inval, isdir, nametoolong, spipe } = ERRNO;
const FDSTAT_BYTES = 24;
const PRESTAT_BYTES = 8;
const DIRENT_BYTES = 24;
const ALL_FDFLAGS = 31;
const FLAG_APPEND = 1;
const LAST_ADVICE = 5;
/** Name of the directory that descriptor 3 is. */
const ROOT_NAME = 0x2f;

/** Offsets and sizes: uint64, and beyond 2^53 no longer exact, where no file reaches. */
function offsetOf(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}

export function fdRead(host: WasiHost, fd: number, iovs: number, count: number, readAt: number): number {
  const source = host.descriptors.get(fd);
  if (source.kind === "directory") return isdir;
  if (source.kind === "stream" ? source.name !== "stdin" : !source.canRead) return badf;
  const targets = ranges(host, iovs, count);
  host.memory.check(readAt, 4);
  let read = 0;
  if (source.kind === "stream") read = host.readInput(targets);
  else {
    read = readFile(host, source, source.position, targets);
    source.position += read;
  }
  host.memory.setU32(readAt, read);
  return success;
}

export function fdPread(
  host: WasiHost,
  fd: number,
  iovs: number,
  count: number,
  offset: bigint,
  readAt: number,
): number {
  const file = host.descriptors.file(fd, spipe);
  if (!file.canRead) return badf;
  const targets = ranges(host, iovs, count);
  host.memory.check(readAt, 4);
  host.memory.setU32(readAt, readFile(host, file, offsetOf(offset), targets));
  return success;
}

/** Fills the targets from a file, wholly unless it ends. Returns the bytes read. */
function readFile(host: WasiHost, { node }: OpenFile, from: number, { pairs, total }: Ranges): number {
  const readable = Math.min(total, Math.max(0, node.size - from));
  host.chargeBytes(readable);
  let read = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const length = Math.min(pairs[i + 1]!, readable - read);
    host.memory.copyIn(pairs[i]!, length, node.content, from + read);
    read += length;
  }
  return readable;
}

export function fdWrite(host: WasiHost, fd: number, iovs: number, count: number, writtenAt: number): number {
  const target = host.descriptors.get(fd);
  if (target.kind === "directory") return isdir;
  const stream = target.kind === "stream" ? target.name : undefined;
  if (stream === "stdin" || (target.kind === "file" && !target.canWrite)) return badf;
  const sources = ranges(host, iovs, count);
  host.memory.check(writtenAt, 4);
  host.chargeBytes(sources.total);
  if (target.kind === "file") {
    const from = target.flags & FLAG_APPEND ? target.node.size : target.position;
    writeFile(host, target, from, sources);
    target.position = from + sources.total;
  } else if (stream !== undefined) {
    const { pairs } = sources;
    for (let i = 0; i < pairs.length; i += 2) host.write(stream, pairs[i]!, pairs[i + 1]!);
  }
  host.memory.setU32(writtenAt, sources.total);
  return success;
}

export function fdPwrite(
  host: WasiHost,
  fd: number,
  iovs: number,
  count: number,
  offset: bigint,
  writtenAt: number,
): number {
  const file = host.descriptors.writable(fd, spipe);
  const sources = ranges(host, iovs, count);
  host.memory.check(writtenAt, 4);
  host.chargeBytes(sources.total);
  writeFile(host, file, offsetOf(offset), sources);
  host.memory.setU32(writtenAt, sources.total);
  return success;
}

/** Writes all or nothing; what lies between the end and `from` becomes zero. */
function writeFile(host: WasiHost, { node }: OpenFile, from: number, { pairs, total }: Ranges): void {
  if (total === 0) return;
  host.growFile(node, from + total, from);
  let at = from;
  for (let i = 0; i < pairs.length; i += 2) {
    host.memory.copyOut(pairs[i]!, pairs[i + 1]!, node.content, at);
    at += pairs[i + 1]!;
  }
}

/** The new position must be in 0 … 2^53 − 1. */
export function fdSeek(host: WasiHost, fd: number, offset: bigint, whence: number, at: number): number {
  const file = host.descriptors.file(fd, spipe);
  host.memory.check(at, 8);
  const base = [0, file.position, file.node.size][whence];
  if (base === undefined) return inval;
  const position = BigInt(base) + offset;
  if (position < 0n || position > BigInt(Number.MAX_SAFE_INTEGER)) return inval;
  file.position = Number(position);
  host.memory.setU64(at, position);
  return success;
}

export function fdTell(host: WasiHost, fd: number, at: number): number {
  const file = host.descriptors.file(fd, spipe);
  host.memory.setU64(at, BigInt(file.position));
  return success;
}

export function fdAdvise(host: WasiHost, fd: number, _offset: bigint, _length: bigint, advice: number): number {
  host.descriptors.file(fd, spipe);
  return advice > LAST_ADVICE ? inval : success;
}

export function fdAllocate(host: WasiHost, fd: number, offset: bigint, length: bigint): number {
  const { node } = host.descriptors.writable(fd, spipe);
  if (length === 0n) return inval;
  const size = offsetOf(offset) + offsetOf(length);
  if (size > node.size) host.growFile(node, size, size);
  return success;
}

export function fdFilestatSetSize(host: WasiHost, fd: number, size: bigint): number {
  host.resizeFile(host.descriptors.writable(fd, inval).node, offsetOf(size));
  return success;
}

export function fdClose(host: WasiHost, fd: number): number {
  host.descriptors.close(fd);
  return success;
}

export function fdRenumber(host: WasiHost, from: number, to: number): number {
  host.descriptors.renumber(from, to);
  return success;
}

export function fdFdstatGet(host: WasiHost, fd: number, at: number): number {
  const descriptor = host.descriptors.get(fd);
  host.memory.check(at, FDSTAT_BYTES);
  writeFdstat(host.memory, at, descriptor);
  return success;
}

export function fdFdstatSetFlags(host: WasiHost, fd: number, flags: number): number {
  const descriptor = host.descriptors.get(fd);
  if (flags > ALL_FDFLAGS) return inval;
  if (descriptor.kind !== "stream") descriptor.flags = flags;
  return success;
}

export function fdFilestatGet(host: WasiHost, fd: number, at: number): number {
  const descriptor = host.descriptors.get(fd);
  host.memory.check(at, FILESTAT_BYTES);
  if (descriptor.kind === "stream") writeStreamStat(host.memory, at, fd);
  else writeFilestat(host.memory, at, descriptor.node, host.clockNs);
  return success;
}

export function fdFilestatSetTimes(
  host: WasiHost,
  fd: number,
  accessedNs: bigint,
  modifiedNs: bigint,
  flags: number,
): number {
  setTimes(host.descriptors.inTree(fd, inval).node, host.clockNs, accessedNs, modifiedNs, flags);
  return success;
}

/** What is written is in memory already. */
export function fdSync(host: WasiHost, fd: number): number {
  host.descriptors.inTree(fd, inval);
  return success;
}

function assertPreopened(host: WasiHost, fd: number): void {
  const descriptor = host.descriptors.get(fd);
  if (descriptor.kind !== "directory" || !descriptor.isPreopened) throw new Failed(badf);
}

export function fdPrestatGet(host: WasiHost, fd: number, at: number): number {
  assertPreopened(host, fd);
  host.memory.bytes(at, PRESTAT_BYTES).fill(0);
  host.memory.setU32(at + 4, 1);
  return success;
}

export function fdPrestatDirName(host: WasiHost, fd: number, at: number, length: number): number {
  assertPreopened(host, fd);
  host.memory.check(at, length);
  if (length < 1) return nametoolong;
  host.memory.setU8(at, ROOT_NAME);
  return success;
}

/** One entry of a listing: its header, and its name behind it. */
const direntBytes = new Uint8Array(DIRENT_BYTES + FILE_LIMITS.nameBytes);
const dirent = new DataView(direntBytes.buffer);

/** Writes a uint64; by way of a bigint it would take ten times as long. */
function setNumber(at: number, value: number): void {
  dirent.setUint32(at, value, true);
  dirent.setUint32(at + 4, value / 2 ** 32, true);
}

/** Lists what comes after `cookie`, the last of it cut short where the buffer ends. */
export function fdReaddir(
  host: WasiHost,
  fd: number,
  at: number,
  length: number,
  cookie: bigint,
  usedAt: number,
): number {
  const directory = host.descriptors.directory(fd);
  const { memory } = host;
  memory.check(at, length);
  memory.check(usedAt, 4);
  host.chargeDirectory(directory.entries.size);
  host.chargeBytes(length);
  const after = offsetOf(cookie);
  let used = 0;
  const put = (name: string, own: number, node: FileSystemNode) => {
    if (own <= after || used === length) return;
    setNumber(0, own);
    setNumber(8, node.inode);
    dirent.setUint32(16, name.length, true);
    dirent.setUint8(20, FILE_TYPE[node.kind]);
    for (let i = 0; i < name.length; i++) direntBytes[DIRENT_BYTES + i] = name.charCodeAt(i);
    const part = Math.min(DIRENT_BYTES + name.length, length - used);
    memory.copyIn(at + used, part, direntBytes, 0);
    used += part;
  };
  put(".", 1, directory);
  put("..", 2, directory.parent);
  for (const [name, entry] of directory.entries) put(name, entry.cookie, entry.node);
  memory.setU32(usedAt, used);
  return success;
}
