import { DemecError } from "./errors.ts";

/** A file that a program finds when it starts. */
export interface RequestFile {
  /** Below the root, its names joined by `/`, such as `data/rates.csv`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Bounds on the files of one invocation: the request's and those that the program makes. Part of WASI_VERSION. */
export const FILE_LIMITS = {
  /** Files and directories, the root among them. */
  nodes: 4096,
  /** Bytes of all files together. */
  bytes: 2 ** 25,
  /** Bytes of UTF-8 of one path. */
  pathBytes: 4096,
  /** Bytes of UTF-8 of one name in a path. */
  nameBytes: 255,
  /** Open descriptors. */
  descriptors: 1024,
} as const;

const utf8 = new TextEncoder();
/** A byte order mark is a character like any other. */
const text = new TextDecoder("utf-8", { ignoreBOM: true });
const SLASH = 0x2f;

function badFiles(what: string, path?: string): DemecError {
  return new DemecError("protocol/bad-files", what, path === undefined ? {} : { details: { path } });
}

/**
 * The files of a record of paths and contents in the order that a request has them in: by the bytes of their paths.
 * @throws protocol/bad-files as {@link assertFiles} does
 */
export function makeFiles(files: Readonly<Record<string, Uint8Array>>): readonly RequestFile[] {
  const made = Object.entries(files)
    .map(([path, bytes]) => ({ path, bytes, key: utf8.encode(path) }))
    .sort((one, other) => compare(one.key, other.key))
    .map(({ path, bytes }) => ({ path, bytes }));
  assertFiles(made);
  return made;
}

/**
 * Accepts the files of a request: paths relative, of non-empty names other than `.` and `..`, each once, in the order of
 * their bytes, none of them a directory of another; all of them within {@link FILE_LIMITS}.
 * @throws protocol/bad-files
 */
export function assertFiles(files: readonly RequestFile[]): void {
  const paths = new Set(files.map(({ path }) => path));
  let nodes = 1 + files.length;
  let bytes = 0;
  let before: Uint8Array = new Uint8Array(0);
  for (const file of files) {
    const key = pathBytes(file.path);
    const shared = sharedPrefix(before, key);
    const isOrdered = shared === before.length ? key.length > shared : key[shared]! > before[shared]!;
    if (!isOrdered) throw badFiles(`File "${file.path}" does not come after the one before it.`, file.path);
    // What the path before has in common with it are directories that were counted there: paths that begin alike stand
    // together.
    for (let at = key.indexOf(SLASH, shared); at !== -1; at = key.indexOf(SLASH, at + 1)) {
      nodes++;
      if (nodes > FILE_LIMITS.nodes) break;
      const directory = text.decode(key.subarray(0, at));
      if (paths.has(directory)) throw badFiles(`"${directory}" is both a file and a directory.`, directory);
    }
    bytes += file.bytes.length;
    before = key;
  }
  if (nodes > FILE_LIMITS.nodes)
    throw badFiles(`The request has more than ${FILE_LIMITS.nodes} files and directories.`);
  if (bytes > FILE_LIMITS.bytes) throw badFiles(`The files have ${bytes} bytes, ${FILE_LIMITS.bytes} is the most.`);
}

/** UTF-8 of a path that is one. @throws protocol/bad-files */
function pathBytes(path: string): Uint8Array {
  const bytes = utf8.encode(path);
  if (bytes.length > FILE_LIMITS.pathBytes) {
    throw badFiles(`A path has ${bytes.length} bytes, ${FILE_LIMITS.pathBytes} is the most.`);
  }
  if (!path.isWellFormed() || path.includes("\0")) throw badFiles(`Path ${JSON.stringify(path)} is no text.`, path);
  for (const name of path.split("/")) {
    if (name === "" || name === "." || name === "..") {
      throw badFiles(`Path "${path}" has "${name}" for a name; it goes from the root down.`, path);
    }
    const length = name.length * 3 > FILE_LIMITS.nameBytes ? utf8.encode(name).length : 0;
    if (length > FILE_LIMITS.nameBytes) {
      throw badFiles(`A name in a path has ${length} bytes, ${FILE_LIMITS.nameBytes} is the most.`, path);
    }
  }
  return bytes;
}

function sharedPrefix(one: Uint8Array, other: Uint8Array): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function compare(one: Uint8Array, other: Uint8Array): number {
  const shared = sharedPrefix(one, other);
  return (one[shared] ?? -1) - (other[shared] ?? -1);
}
