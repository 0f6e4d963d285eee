import { FILE_LIMITS } from "@demec/protocol/files";
import { ERRNO, type Errno, Failed } from "./errno.ts";
import type { Directory, FileNode, FileTree } from "./fileTree.ts";

export interface OpenStream {
  readonly kind: "stream";
  readonly name: "stdin" | "stdout" | "stderr";
}

export interface OpenFile {
  readonly kind: "file";
  readonly node: FileNode;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** fdflags as they were set. */
  flags: number;
  /** 0 … 2^53 − 1. */
  position: number;
}

export interface OpenDirectory {
  readonly kind: "directory";
  readonly node: Directory;
  flags: number;
  /** Shown to the program as the root directory. */
  readonly isPreopened: boolean;
}

export type Descriptor = OpenStream | OpenFile | OpenDirectory;

/** The descriptors of one invocation: 0 to 2 are streams, 3 is the root directory, others get the lowest free number. */
export class Descriptors {
  private readonly tree: FileTree;
  private readonly slots: (Descriptor | undefined)[] = [
    { kind: "stream", name: "stdin" },
    { kind: "stream", name: "stdout" },
    { kind: "stream", name: "stderr" },
  ];

  constructor(tree: FileTree) {
    this.tree = tree;
    this.open({ kind: "directory", node: tree.root, flags: 0, isPreopened: true });
  }

  find(fd: number): Descriptor | undefined {
    return this.slots[fd];
  }

  /** @throws Failed EBADF */
  get(fd: number): Descriptor {
    const descriptor = this.slots[fd];
    if (descriptor === undefined) throw new Failed(ERRNO.badf);
    return descriptor;
  }

  /** @throws Failed ENOTDIR for another kind of descriptor */
  directory(fd: number): Directory {
    const descriptor = this.get(fd);
    if (descriptor.kind !== "directory") throw new Failed(ERRNO.notdir);
    return descriptor.node;
  }

  /** @param ofStream what a stream fails with @throws Failed EISDIR for a directory */
  file(fd: number, ofStream: Errno): OpenFile {
    const descriptor = this.inTree(fd, ofStream);
    if (descriptor.kind === "directory") throw new Failed(ERRNO.isdir);
    return descriptor;
  }

  /** A file or a directory. @param ofStream what a stream fails with */
  inTree(fd: number, ofStream: Errno): OpenFile | OpenDirectory {
    const descriptor = this.get(fd);
    if (descriptor.kind === "stream") throw new Failed(ofStream);
    return descriptor;
  }

  /** A file that is open for writing. @param ofStream what a stream fails with */
  writable(fd: number, ofStream: Errno): OpenFile {
    const file = this.file(fd, ofStream);
    if (!file.canWrite) throw new Failed(ERRNO.badf);
    return file;
  }

  /** @throws Failed EMFILE when as many are open as may be */
  assertRoom(): void {
    if (this.lowestFree() >= FILE_LIMITS.descriptors) throw new Failed(ERRNO.mfile);
  }

  /** There must be room. Returns its number. */
  open(descriptor: OpenFile | OpenDirectory): number {
    const fd = this.lowestFree();
    this.slots[fd] = descriptor;
    descriptor.node.opens++;
    return fd;
  }

  close(fd: number): void {
    const descriptor = this.get(fd);
    this.slots[fd] = undefined;
    if (descriptor.kind !== "stream") this.tree.close(descriptor.node);
  }

  /** Moves a descriptor to the number of another, which is closed. */
  renumber(from: number, to: number): void {
    const descriptor = this.get(from);
    this.get(to);
    if (from === to) return;
    this.close(to);
    this.slots[from] = undefined;
    this.slots[to] = descriptor;
  }

  private lowestFree(): number {
    const free = this.slots.indexOf(undefined);
    return free === -1 ? this.slots.length : free;
  }
}
