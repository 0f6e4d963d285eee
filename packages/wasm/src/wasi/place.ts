import { FILE_LIMITS } from "@demec/protocol/files";
import { ERRNO, Failed } from "./errno.ts";
import type { Directory, FileSystemNode } from "./fileTree.ts";

/** What a path means: a place in a directory, and what is there. */
export interface Place {
  readonly parent: Directory;
  /** Undefined: the path ends in `.` or `..`, and so can't be made, removed or renamed. `parent` is what it means, too. */
  readonly name: string | undefined;
  readonly node: FileSystemNode | undefined;
  /** The path ends in a slash: no file may be there. */
  readonly mustBeDirectory: boolean;
}

/** Bytes as a text of one character each: its order is theirs. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/**
 * What a path means, seen from a directory that it does not lead out of. A name is any bytes but `/` and zero.
 * @throws Failed ENOENT for an empty path and a missing directory, ENOTDIR, ENAMETOOLONG, EINVAL for a zero byte,
 * ENOTCAPABLE for an absolute path and for one that leads out
 */
export function resolve(base: Directory, path: Uint8Array): Place {
  if (path.length === 0) throw new Failed(ERRNO.noent);
  if (path.includes(0)) throw new Failed(ERRNO.inval);
  if (path[0] === SLASH) throw new Failed(ERRNO.notcapable);
  let parent = base;
  let node: FileSystemNode | undefined = base;
  let name: string | undefined;
  let mustBeDirectory = false;
  let depth = 0;
  for (let from = 0, to: number; from <= path.length; from = to + 1) {
    const slash = path.indexOf(SLASH, from);
    to = slash === -1 ? path.length : slash;
    const length = to - from;
    // Whatever more there is, what came before is a directory.
    if (node?.kind === "file") throw new Failed(ERRNO.notdir);
    mustBeDirectory = true;
    if (length === 0) continue;
    if (node === undefined) throw new Failed(ERRNO.noent);
    if (path[from] === DOT && length === 1) name = undefined;
    else if (path[from] === DOT && path[from + 1] === DOT && length === 2) {
      if (depth === 0) throw new Failed(ERRNO.notcapable);
      depth--;
      node = node.parent;
      name = undefined;
    } else {
      if (length > FILE_LIMITS.nameBytes) throw new Failed(ERRNO.nametoolong);
      depth++;
      parent = node;
      name = latin1(path.subarray(from, to));
      node = node.entries.get(name)?.node;
      mustBeDirectory = false;
    }
  }
  return { parent, name, node, mustBeDirectory };
}

const SLASH = 0x2f;
const DOT = 0x2e;
