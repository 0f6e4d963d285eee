import type { Descriptor } from "./descriptors.ts";
import { ERRNO, Failed } from "./errno.ts";
import type { FileSystemNode } from "./fileTree.ts";
import type { GuestMemory } from "./guestMemory.ts";

/** File types of WASI. */
export const FILE_TYPE = { unknown: 0, directory: 3, file: 4 } as const;

const FDSTAT_BYTES = 24;
export const FILESTAT_BYTES = 64;
/** Device of files; streams are on device 0. */
const FILE_DEVICE = 1n;

const right = (...bits: number[]) => bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
export const RIGHT_READ = right(1);
export const RIGHT_WRITE = right(6);
const RIGHT_POLL = right(27);
/** fd_datasync, _seek, _fdstat_set_flags, _sync, _tell, _advise, _filestat_get, _filestat_set_times, poll. */
const FILE_RIGHTS = right(0, 2, 3, 4, 5, 7, 21, 23, 27);
/** fd_write, fd_allocate, fd_filestat_set_size. */
const FILE_WRITE_RIGHTS = RIGHT_WRITE | right(8, 22);
/** fd_datasync, _fdstat_set_flags, _sync, _readdir, _filestat_get, _filestat_set_times; path_*, but for links. */
const DIRECTORY_RIGHTS = right(0, 3, 4, 9, 10, 13, 14, 16, 17, 18, 19, 20, 21, 23, 25, 26);

/** The range must have been checked. */
export function writeFdstat(memory: GuestMemory, at: number, descriptor: Descriptor): void {
  memory.bytes(at, FDSTAT_BYTES).fill(0);
  if (descriptor.kind === "stream") {
    memory.setU8(at, FILE_TYPE.unknown);
    memory.setU64(at + 8, RIGHT_POLL | (descriptor.name === "stdin" ? RIGHT_READ : RIGHT_WRITE));
    return;
  }
  memory.setU8(at, FILE_TYPE[descriptor.kind]);
  memory.setU16(at + 2, descriptor.flags);
  if (descriptor.kind === "directory") {
    memory.setU64(at + 8, DIRECTORY_RIGHTS);
    memory.setU64(at + 16, DIRECTORY_RIGHTS | FILE_RIGHTS | RIGHT_READ | FILE_WRITE_RIGHTS);
    return;
  }
  const { canRead, canWrite } = descriptor;
  memory.setU64(at + 8, FILE_RIGHTS | (canRead ? RIGHT_READ : 0n) | (canWrite ? FILE_WRITE_RIGHTS : 0n));
}

/** The range must have been checked. */
export function writeFilestat(memory: GuestMemory, at: number, node: FileSystemNode, clockNs: bigint): void {
  memory.bytes(at, FILESTAT_BYTES).fill(0);
  memory.setU64(at, FILE_DEVICE);
  memory.setU64(at + 8, BigInt(node.inode));
  memory.setU8(at + 16, FILE_TYPE[node.kind]);
  memory.setU64(at + 24, node.isLinked ? 1n : 0n);
  memory.setU64(at + 32, BigInt(node.kind === "file" ? node.size : 0));
  memory.setU64(at + 40, node.accessedNs);
  memory.setU64(at + 48, node.modifiedNs);
  memory.setU64(at + 56, clockNs);
}

/** A stream has a number and nothing else. The range must have been checked. */
export function writeStreamStat(memory: GuestMemory, at: number, fd: number): void {
  memory.bytes(at, FILESTAT_BYTES).fill(0);
  memory.setU64(at + 8, BigInt(fd));
  memory.setU8(at + 16, FILE_TYPE.unknown);
  memory.setU64(at + 24, 1n);
}

const SET_ACCESSED = 1;
const SET_ACCESSED_NOW = 2;
const SET_MODIFIED = 4;
const SET_MODIFIED_NOW = 8;

/** @param flags fstflags: which times to set, and which of them to the clock's @throws Failed EINVAL for flags that contradict */
export function setTimes(
  node: FileSystemNode,
  clockNs: bigint,
  accessedNs: bigint,
  modifiedNs: bigint,
  flags: number,
): void {
  const contradicts = (one: number, other: number) => (flags & one) !== 0 && (flags & other) !== 0;
  if (flags > 15 || contradicts(SET_ACCESSED, SET_ACCESSED_NOW) || contradicts(SET_MODIFIED, SET_MODIFIED_NOW)) {
    throw new Failed(ERRNO.inval);
  }
  if (flags & SET_ACCESSED) node.accessedNs = accessedNs;
  if (flags & SET_ACCESSED_NOW) node.accessedNs = clockNs;
  if (flags & SET_MODIFIED) node.modifiedNs = modifiedNs;
  if (flags & SET_MODIFIED_NOW) node.modifiedNs = clockNs;
}
