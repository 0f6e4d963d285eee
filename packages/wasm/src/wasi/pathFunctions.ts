/** The path_* functions of WASI. All begin with their descriptors and ranges, then take the price of the path. */
import { ERRNO, Failed } from "./errno.ts";
import type { WasiHost } from "./host.ts";
import { type Place, resolve } from "./place.ts";
import { FILESTAT_BYTES, RIGHT_READ, RIGHT_WRITE, setTimes, writeFilestat } from "./stat.ts";

const { success, exist, inval, isdir, noent, notdir, notsup } = ERRNO;
const ALL_FDFLAGS = 31;
/** Whether symbolic links are followed: there are none. */
const ALL_LOOKUPFLAGS = 1;
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const ALL_OFLAGS = 15;

/** A path in memory, seen from a descriptor. */
function placeAt(host: WasiHost, fd: number, at: number, length: number): Place {
  const directory = host.descriptors.directory(fd);
  const path = host.memory.bytes(at, length);
  host.chargePath(length);
  return resolve(directory, path);
}

/** Of a call with two paths: both directories, then both ranges. */
function assertBoth(
  host: WasiHost,
  fd: number,
  at: number,
  length: number,
  toFd: number,
  toAt: number,
  toLength: number,
) {
  host.descriptors.directory(fd);
  host.descriptors.directory(toFd);
  host.memory.check(at, length);
  host.memory.check(toAt, toLength);
}

/** What a path means, if it is there. */
function nodeAt(host: WasiHost, fd: number, flags: number, at: number, length: number) {
  const { node } = placeAt(host, fd, at, length);
  if (flags > ALL_LOOKUPFLAGS) throw new Failed(inval);
  if (node === undefined) throw new Failed(noent);
  return node;
}

export function pathOpen(
  host: WasiHost,
  fd: number,
  lookupFlags: number,
  at: number,
  length: number,
  openFlags: number,
  rights: bigint,
  _inheriting: bigint,
  fdFlags: number,
  openedAt: number,
): number {
  const { descriptors, files, memory } = host;
  descriptors.directory(fd);
  memory.check(openedAt, 4);
  const place = placeAt(host, fd, at, length);
  const isDirectory = (openFlags & DIRECTORY) !== 0;
  if (lookupFlags > ALL_LOOKUPFLAGS || openFlags > ALL_OFLAGS || fdFlags > ALL_FDFLAGS) return inval;
  if (isDirectory && openFlags & (CREATE | TRUNCATE)) return inval;
  descriptors.assertRoom();
  const canRead = (rights & RIGHT_READ) !== 0n;
  const canWrite = (rights & RIGHT_WRITE) !== 0n;
  let { node } = place;
  if (node === undefined) {
    if (!(openFlags & CREATE)) return noent;
    if (place.mustBeDirectory) return isdir;
    node = files.createFile(place);
  } else if (openFlags & CREATE && openFlags & EXCLUSIVE) return exist;
  if (node.kind === "directory") {
    if (!isDirectory && (canWrite || openFlags & (CREATE | TRUNCATE))) return isdir;
    memory.setU32(openedAt, descriptors.open({ kind: "directory", node, flags: fdFlags, isPreopened: false }));
    return success;
  }
  if (isDirectory) return notdir;
  if (openFlags & TRUNCATE) host.resizeFile(node, 0);
  memory.setU32(openedAt, descriptors.open({ kind: "file", node, canRead, canWrite, flags: fdFlags, position: 0 }));
  return success;
}

export function pathCreateDirectory(host: WasiHost, fd: number, at: number, length: number): number {
  host.files.createDirectory(placeAt(host, fd, at, length));
  return success;
}

export function pathRemoveDirectory(host: WasiHost, fd: number, at: number, length: number): number {
  host.files.removeDirectory(placeAt(host, fd, at, length));
  return success;
}

export function pathUnlinkFile(host: WasiHost, fd: number, at: number, length: number): number {
  host.files.removeFile(placeAt(host, fd, at, length));
  return success;
}

export function pathRename(
  host: WasiHost,
  fd: number,
  at: number,
  length: number,
  toFd: number,
  toAt: number,
  toLength: number,
): number {
  assertBoth(host, fd, at, length, toFd, toAt, toLength);
  const from = placeAt(host, fd, at, length);
  const to = placeAt(host, toFd, toAt, toLength);
  host.chargeDirectory(host.files.depthOf(to.parent));
  host.files.rename(from, to);
  return success;
}

export function pathFilestatGet(
  host: WasiHost,
  fd: number,
  flags: number,
  at: number,
  length: number,
  statAt: number,
): number {
  host.descriptors.directory(fd);
  host.memory.check(statAt, FILESTAT_BYTES);
  writeFilestat(host.memory, statAt, nodeAt(host, fd, flags, at, length), host.clockNs);
  return success;
}

export function pathFilestatSetTimes(
  host: WasiHost,
  fd: number,
  flags: number,
  at: number,
  length: number,
  accessedNs: bigint,
  modifiedNs: bigint,
  timeFlags: number,
): number {
  setTimes(nodeAt(host, fd, flags, at, length), host.clockNs, accessedNs, modifiedNs, timeFlags);
  return success;
}

/** Nothing is a link: EINVAL for what is there. */
export function pathReadlink(
  host: WasiHost,
  fd: number,
  at: number,
  length: number,
  bufferAt: number,
  bufferLength: number,
  usedAt: number,
): number {
  host.descriptors.directory(fd);
  host.memory.check(bufferAt, bufferLength);
  host.memory.check(usedAt, 4);
  nodeAt(host, fd, 0, at, length);
  return inval;
}

/** There are no links of either kind. */
export function pathLink(
  host: WasiHost,
  fd: number,
  _flags: number,
  at: number,
  length: number,
  toFd: number,
  toAt: number,
  toLength: number,
): number {
  assertBoth(host, fd, at, length, toFd, toAt, toLength);
  return notsup;
}

export function pathSymlink(
  host: WasiHost,
  at: number,
  length: number,
  fd: number,
  toAt: number,
  toLength: number,
): number {
  host.descriptors.directory(fd);
  host.memory.check(at, length);
  host.memory.check(toAt, toLength);
  return notsup;
}
