import { FILE_LIMITS, type RequestFile } from "@demec/protocol/files";
import { LENGTH_WEIGHTS } from "../meter/weights.ts";
import { ERRNO, Failed } from "./errno.ts";
import { latin1, type Place } from "./place.ts";

/** What files and directories have in common. */
interface NodeBase {
  /** Number in the order of creation, from 1, the root. */
  readonly inode: number;
  accessedNs: bigint;
  modifiedNs: bigint;
  /** Descriptors that hold it. */
  opens: number;
  /** Whether a directory has it: what was removed lives on until its last descriptor is closed. */
  isLinked: boolean;
}

export interface FileNode extends NodeBase {
  readonly kind: "file";
  /** May be longer than the file. */
  content: Uint8Array;
  size: number;
  /** The content is the request's, to be copied before it is written to. */
  isShared: boolean;
}

export interface Directory extends NodeBase {
  readonly kind: "directory";
  /** Of the root: itself. */
  parent: Directory;
  /** By name, one character for each byte, in the order they came. */
  readonly entries: Map<string, Entry>;
  nextCookie: number;
}

export type FileSystemNode = FileNode | Directory;

export interface Entry {
  /** Number in its directory, never given again: where a listing that goes on goes on from. */
  readonly cookie: number;
  readonly node: FileSystemNode;
}

const utf8 = new TextEncoder();
/** Cookies 1 and 2 are of `.` and `..`. */
const FIRST_COOKIE = 3;
const NOTHING = new Uint8Array(0);

/** Price of putting a request's files where they belong, due when its instance is made. */
export function plantingBitOps(files: readonly RequestFile[]): bigint {
  let bytes = 0;
  for (const { path } of files) bytes += utf8.encode(path).length;
  return BigInt(bytes * LENGTH_WEIGHTS.opsPerPathByte);
}

/**
 * The files of one invocation, in memory: what the request brought, and what the program makes of it (docs/wasi.md). Time
 * stands still here too. Errors are thrown as {@link Failed}.
 */
export class FileTree {
  readonly root: Directory;
  private readonly clockNs: bigint;
  private nextInode = 1;
  /** Of files and directories that a directory or a descriptor holds. */
  private nodes = 0;
  /** Of all files. */
  private bytes = 0;

  /** @param files as `assertFiles` accepts them */
  constructor(files: readonly RequestFile[], clockNs: bigint) {
    this.clockNs = clockNs;
    this.root = this.newDirectory(undefined);
    for (const { path, bytes } of files) this.plant(path.split("/"), bytes);
  }

  /** Puts a file of the request where it belongs, with the directories it needs. */
  private plant(names: readonly string[], bytes: Uint8Array): void {
    let parent = this.root;
    for (const [i, text] of names.entries()) {
      const name = latin1(utf8.encode(text));
      if (i === names.length - 1) {
        const file = this.newFile();
        Object.assign(file, { content: bytes, size: bytes.length, isShared: true });
        this.bytes += bytes.length;
        link(parent, name, file);
        return;
      }
      let next = parent.entries.get(name)?.node;
      if (next === undefined) {
        next = this.newDirectory(parent);
        link(parent, name, next);
      }
      parent = next as Directory;
    }
  }

  /** Makes an empty file where there is nothing. */
  createFile(place: Place): FileNode {
    const { parent, name } = this.placeOfNew(place);
    const file = this.newFile();
    link(parent, name, file);
    return file;
  }

  createDirectory(place: Place): void {
    if (place.node !== undefined) throw new Failed(ERRNO.exist);
    const { parent, name } = this.placeOfNew(place);
    link(parent, name, this.newDirectory(parent));
  }

  removeDirectory({ parent, name, node }: Place): void {
    if (name === undefined) throw new Failed(ERRNO.inval);
    if (node === undefined) throw new Failed(ERRNO.noent);
    if (node.kind !== "directory") throw new Failed(ERRNO.notdir);
    if (node.entries.size > 0) throw new Failed(ERRNO.notempty);
    this.unlink(parent, name, node);
  }

  removeFile({ parent, name, node }: Place): void {
    if (node === undefined) throw new Failed(ERRNO.noent);
    if (node.kind === "directory" || name === undefined) throw new Failed(ERRNO.isdir);
    this.unlink(parent, name, node);
  }

  /** Directories between one and the root. */
  depthOf(directory: Directory): number {
    let depth = 0;
    for (let at = directory; at !== at.parent; at = at.parent) depth++;
    return depth;
  }

  rename(from: Place, to: Place): void {
    if (from.node === undefined) throw new Failed(ERRNO.noent);
    if (from.name === undefined || to.name === undefined) throw new Failed(ERRNO.inval);
    if (from.node === to.node) return;
    const { node } = from;
    if (node.kind === "file" && to.mustBeDirectory) throw new Failed(ERRNO.notdir);
    if (node.kind === "directory" && isInside(to.parent, node)) throw new Failed(ERRNO.inval);
    if (to.node !== undefined) {
      if (to.node.kind !== node.kind) throw new Failed(node.kind === "file" ? ERRNO.isdir : ERRNO.notdir);
      if (to.node.kind === "directory" && to.node.entries.size > 0) throw new Failed(ERRNO.notempty);
      this.unlink(to.parent, to.name, to.node);
    } else if (!to.parent.isLinked) throw new Failed(ERRNO.noent);
    from.parent.entries.delete(from.name);
    link(to.parent, to.name, node);
    if (node.kind === "directory") node.parent = to.parent;
  }

  /** @throws Failed ENOSPC when a file may not grow to `size` bytes */
  assertRoom(file: FileNode, size: number): void {
    if (this.bytes + size - file.size > FILE_LIMITS.bytes) throw new Failed(ERRNO.nospc);
  }

  /** Makes a file at least `size` bytes long, the new ones zero, and its own to write to. There must be room. */
  grow(file: FileNode, size: number): void {
    const length = Math.max(size, file.size);
    if (file.isShared || length > file.content.length) {
      const room = file.isShared ? length : Math.max(length, Math.min(FILE_LIMITS.bytes, file.content.length * 2));
      const grown = new Uint8Array(room);
      grown.set(file.content.subarray(0, file.size));
      file.content = grown;
      file.isShared = false;
    }
    this.bytes += length - file.size;
    file.size = length;
    file.modifiedNs = this.clockNs;
  }

  /** Cuts a file, and gives back the memory of the rest. */
  shrink(file: FileNode, size: number): void {
    const kept = new Uint8Array(size);
    // `slice` would not copy a Buffer.
    kept.set(file.content.subarray(0, size));
    file.content = kept;
    file.isShared = false;
    this.bytes -= file.size - size;
    file.size = size;
    file.modifiedNs = this.clockNs;
  }

  /** One descriptor less holds a node. */
  close(node: FileSystemNode): void {
    node.opens--;
    this.forgetUnheld(node);
  }

  private placeOfNew({ parent, name }: Place): { parent: Directory; name: string } {
    if (name === undefined || !parent.isLinked) throw new Failed(ERRNO.noent);
    if (this.nodes >= FILE_LIMITS.nodes) throw new Failed(ERRNO.nospc);
    return { parent, name };
  }

  private unlink(parent: Directory, name: string, node: FileSystemNode): void {
    parent.entries.delete(name);
    node.isLinked = false;
    this.forgetUnheld(node);
  }

  private forgetUnheld(node: FileSystemNode): void {
    if (node.isLinked || node.opens > 0) return;
    this.nodes--;
    if (node.kind === "file") this.bytes -= node.size;
  }

  private newFile(): FileNode {
    return { kind: "file", content: NOTHING, size: 0, isShared: false, ...this.newNode() };
  }

  private newDirectory(parent: Directory | undefined): Directory {
    const made = { kind: "directory" as const, entries: new Map(), nextCookie: FIRST_COOKIE, ...this.newNode() };
    const directory = made as typeof made & { parent: Directory };
    directory.parent = parent ?? directory;
    return directory;
  }

  private newNode(): NodeBase {
    this.nodes++;
    const now = this.clockNs;
    return { inode: this.nextInode++, accessedNs: now, modifiedNs: now, opens: 0, isLinked: true };
  }
}

function link(parent: Directory, name: string, node: FileSystemNode): void {
  parent.entries.set(name, { cookie: parent.nextCookie++, node });
}

function isInside(directory: Directory, ancestor: Directory): boolean {
  for (let at = directory; ; at = at.parent) {
    if (at === ancestor) return true;
    if (at === at.parent) return false;
  }
}
