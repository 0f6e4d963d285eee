/** Error numbers of WASI preview 1 that the layer answers with. */
export const ERRNO = {
  success: 0,
  badf: 8,
  exist: 20,
  fault: 21,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  notsock: 57,
  notsup: 58,
  spipe: 70,
  notcapable: 76,
} as const;

export type Errno = (typeof ERRNO)[keyof typeof ERRNO];

/** Ends a host call with an error number: thrown by what it is made of. */
export class Failed {
  readonly errno: Errno;

  constructor(errno: Errno) {
    this.errno = errno;
  }
}
