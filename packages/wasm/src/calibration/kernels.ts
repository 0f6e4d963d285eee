/**
 * Small reactors, one for each class of work, by which a provider measures its machine. Assembled from
 * `testing/calibrationKernels.ts`, so that measuring needs no assembler. Input of the first three: how many turns, a uint32 of
 * at least 1 (little endian); output: 8 bytes that depend on all of them. `echo` returns its input, up to 1 MiB.
 */
export const CALIBRATION_KERNELS = {
  integer: decode(
    "AGFzbQEAAAABDAJgAX8Bf2ACf38BfgMDAgABBQMBAAEHGwMGbWVtb3J5AgAFYWxsb2MAAAZoYW5kbGUAAQpoAgQAQRALYQIBfwJ+IAAoAgAhAgNAIANCrf7V5NSF/ajYAH5Cz4Keu+/v3oIUfCEDIARCEYkgA0IdiIUhBCADQoCAgIDwAYNQBEAgBEK54AB9IQQLIAJBAWsiAg0AC0EAIAQ3AwBCCAs=",
  ),
  memory: decode(
    "AGFzbQEAAAABDAJgAX8Bf2ACf38BfgMDAgABBQQBAIEBBxsDBm1lbW9yeQIABWFsbG9jAAAGaGFuZGxlAAEKYgIEAEEQC1sBA38gACgCACECA0AgA0GNzOUAbEHf5rvjA2ohAyAEIANBB3ZB/P//A3EoAkBqIQQgA0EJdkH8//8DcSAEIANzNgJAIAJBAWsiAg0AC0EAIAQgA3OtNwMAQggL",
  ),
  float: decode(
    "AGFzbQEAAAABDAJgAX8Bf2ACf38BfgMDAgABBQMBAAEHGwMGbWVtb3J5AgAFYWxsb2MAAAZoYW5kbGUAAQqfAQIEAEEQC5cBAgF/A3wgACgCACECA0AgA0QAAAAAAIDvP6JEAAAAAAAAwD+gIQMgBCADoiAERAAAAAAAAB5AoqEhBCAERAAAAAAAABDApUQAAAAAAAAQQKREAAAAAAAA0D+gIQQgBUQAAAAAAADgP6IgBCAEoqCfIQUgBSADRAAAAAAAAPA/oKMhBSACQQFrIgINAAtBACAFvTcDAEIICw==",
  ),
  echo: decode(
    "AGFzbQEAAAABDAJgAX8Bf2ACf38BfgMDAgABBQMBACAHGwMGbWVtb3J5AgAFYWxsb2MAAAZoYW5kbGUAAQoTAgQAQRALDAAgAK1CIIYgAa2ECw==",
  ),
} as const;

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
