import c from "compact-encoding";
import type { Hex } from "../eip712.ts";
import { DemecError } from "../errors.ts";
import { UINT32_MAX, UINT64_MAX } from "../usage.ts";

/** Where a codec reads or writes: compact-encoding's state, with its buffer present. */
export interface State {
  start: number;
  end: number;
  buffer: Uint8Array;
}

/**
 * A compact-encoding codec that is strict: `decode` accepts exactly the bytes that `encode` makes, checks every length
 * before it allocates, and throws nothing but protocol/malformed; `encode` throws protocol/out-of-range for a value
 * that has no encoding.
 */
export interface Codec<T> {
  preencode(state: State, value: T): void;
  encode(state: State, value: T): void;
  decode(state: State): T;
}

export type Codecs<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

export function malformed(what: string, cause?: unknown): DemecError {
  return new DemecError("protocol/malformed", what, { cause });
}

function outOfRange(what: string): DemecError {
  return new DemecError("protocol/out-of-range", what);
}

/** @throws protocol/malformed when fewer than `count` bytes are left */
function need(state: State, count: number): void {
  if (state.end - state.start < count) {
    throw malformed(`A field of ${count} bytes stands where ${state.end - state.start} bytes are left.`);
  }
}

/** The next `length` bytes, as a view. */
function take(state: State, length: number): Uint8Array {
  need(state, length);
  const start = state.start;
  state.start += length;
  return state.buffer.subarray(start, state.start);
}

/** Unsigned integer up to `max` in compact-encoding's variable width: 1, 3, 5 or 9 bytes, the shortest that fits. */
export function uintUpTo(max: number): Codec<number> {
  return {
    preencode: c.uint.preencode,
    encode(state, value) {
      if (!Number.isSafeInteger(value) || value < 0 || value > max) {
        throw outOfRange(`${value} is not an integer in 0 … ${max}.`);
      }
      c.uint.encode(state, value);
    },
    decode(state) {
      const value = decodeUint(state);
      if (value > max) throw malformed(`${value} stands where at most ${max} may.`);
      return value;
    },
  };
}

function decodeUint(state: State): number {
  need(state, 1);
  const first = state.buffer[state.start]!;
  if (first < 0xfd) {
    state.start++;
    return first;
  }
  need(state, first === 0xfd ? 3 : first === 0xfe ? 5 : 9);
  state.start++;
  let value: number;
  let least: number;
  if (first === 0xfd) {
    value = c.uint16.decode(state);
    least = 0xfd;
  } else {
    value = c.uint32.decode(state);
    least = 0x10000;
    if (first === 0xff) {
      value += c.uint32.decode(state) * 2 ** 32;
      least = 2 ** 32;
    }
  }
  if (value < least || value > Number.MAX_SAFE_INTEGER) {
    throw malformed("An integer is not in its shortest form, or not safe.");
  }
  return value;
}

/** Safe integer: 0 … 2^53 − 1. */
export const uint = uintUpTo(Number.MAX_SAFE_INTEGER);
export const uint32 = uintUpTo(UINT32_MAX);

export const uint8: Codec<number> = {
  preencode(state) {
    state.end++;
  },
  encode(state, value) {
    if (!(Number.isInteger(value) && value >= 0 && value <= 255)) throw outOfRange(`${value} is not a byte.`);
    state.buffer[state.start++] = value;
  },
  decode(state) {
    need(state, 1);
    return state.buffer[state.start++]!;
  },
};

export const bool: Codec<boolean> = {
  preencode(state) {
    state.end++;
  },
  encode(state, value) {
    state.buffer[state.start++] = value ? 1 : 0;
  },
  decode(state) {
    const byte = uint8.decode(state);
    if (byte > 1) throw malformed(`${byte} stands where a flag of 0 or 1 is expected.`);
    return byte === 1;
  },
};

/** Little-endian, 8 bytes. Goes by numbers as far as they are exact: BigInt arithmetic would dominate a frame's cost. */
export const uint64: Codec<bigint> = {
  preencode(state) {
    state.end += 8;
  },
  encode(state, value) {
    if (value < 0n || value > UINT64_MAX) throw outOfRange(`${value} does not fit 64 bits.`);
    if (value <= 0xffff_ffffn) {
      c.uint32.encode(state, Number(value));
      c.uint32.encode(state, 0);
    } else {
      c.uint32.encode(state, Number(value & 0xffff_ffffn));
      c.uint32.encode(state, Number(value >> 32n));
    }
  },
  decode(state) {
    need(state, 8);
    const low = c.uint32.decode(state);
    const high = c.uint32.decode(state);
    return high < 2 ** 21 ? BigInt(high * 2 ** 32 + low) : (BigInt(high) << 32n) | BigInt(low);
  },
};

/** Little-endian, `words` times 8 bytes. */
function wideUint(words: number): Codec<bigint> {
  return {
    preencode(state) {
      state.end += 8 * words;
    },
    encode(state, value) {
      if (value < 0n || value >> BigInt(64 * words) !== 0n)
        throw outOfRange(`${value} does not fit ${64 * words} bits.`);
      for (let i = 0; i < words; i++) uint64.encode(state, (value >> BigInt(64 * i)) & UINT64_MAX);
    },
    decode(state) {
      need(state, 8 * words);
      let value = 0n;
      for (let i = 0; i < words; i++) value |= uint64.decode(state) << BigInt(64 * i);
      return value;
    },
  };
}
export const uint128 = wideUint(2);
export const uint256 = wideUint(4);

/** Exactly `length` bytes; decoded as a view of the frame. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return {
    preencode(state) {
      state.end += length;
    },
    encode(state, value) {
      if (value.length !== length) throw outOfRange(`${value.length} bytes stand where ${length} are expected.`);
      state.buffer.set(value, state.start);
      state.start += length;
    },
    decode: (state) => take(state, length),
  };
}

/** At most `max` bytes with their length before them; decoded as a view of the frame. */
export function bytesUpTo(max: number): Codec<Uint8Array> {
  return {
    preencode(state, value) {
      c.uint.preencode(state, value.length);
      state.end += value.length;
    },
    encode(state, value) {
      if (value.length > max) throw outOfRange(`${value.length} bytes stand where at most ${max} may.`);
      c.uint.encode(state, value.length);
      state.buffer.set(value, state.start);
      state.start += value.length;
    },
    decode(state) {
      const length = decodeUint(state);
      if (length > max) throw malformed(`A field claims ${length} bytes where at most ${max} may stand.`);
      return take(state, length);
    },
  };
}

/** `length` bytes written as 0x-prefixed hexadecimal; decoded to lower case (an address loses its checksum's case). */
export function hexOf(length: number): Codec<Hex> {
  return {
    preencode(state) {
      state.end += length;
    },
    encode(state, value) {
      if (value.length !== 2 + 2 * length || !HEX.test(value)) {
        throw outOfRange(`${value} is not the hexadecimal form of ${length} bytes.`);
      }
      for (let i = 2; i < value.length; i += 2) {
        state.buffer[state.start++] = (nibble(value.charCodeAt(i)) << 4) | nibble(value.charCodeAt(i + 1));
      }
    },
    decode(state) {
      need(state, length);
      let text = "0x";
      for (let i = 0; i < length; i++) text += HEX_OF_BYTE[state.buffer[state.start++]!]!;
      return text as Hex;
    },
  };
}

const HEX = /^0x[0-9a-fA-F]*$/;
const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function nibble(charCode: number): number {
  return (charCode & 15) + (charCode > 57 ? 9 : 0);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** UTF-8 of at most `max` bytes. Lone surrogates become U+FFFD, as in every hash over the same text. */
export function stringUpTo(max: number): Codec<string> {
  return {
    preencode: c.utf8.preencode,
    encode(state, value) {
      if (value.length * 3 > max && utf8Encoder.encode(value).length > max) {
        throw outOfRange(`A text of ${value.length} characters exceeds ${max} bytes of UTF-8.`);
      }
      c.utf8.encode(state, value);
    },
    decode(state) {
      const length = decodeUint(state);
      if (length > max) throw malformed(`A text claims ${length} bytes where at most ${max} may stand.`);
      const bytes = take(state, length);
      try {
        return utf8.decode(bytes);
      } catch (cause) {
        throw malformed("A text is not UTF-8.", cause);
      }
    },
  };
}

/** Text for people: cut to `max` bytes of UTF-8, at a character's end, instead of being refused. */
export function textUpTo(max: number): Codec<string> {
  const strict = stringUpTo(max);
  return {
    preencode: (state, value) => strict.preencode(state, cutText(value, max)),
    encode: (state, value) => strict.encode(state, cutText(value, max)),
    decode: strict.decode,
  };
}

/** The longest prefix of `text` that fits `maxBytes` of UTF-8. */
function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  return text.slice(0, utf8Encoder.encodeInto(text, new Uint8Array(maxBytes)).read);
}
