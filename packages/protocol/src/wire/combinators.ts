import { bool, type Codec, type Codecs, malformed, type State, uintUpTo } from "./primitives.ts";

/** The fields one after the other; the order of the literal is the order on the wire. */
export function struct<T extends object>(fields: Codecs<T>): Codec<T> {
  return fieldsAfter({}, fields);
}

/** Like {@link struct}, for a message whose `type` is already told by the frame. */
export function message<T extends { readonly type: string }>(
  type: T["type"],
  fields: Codecs<Omit<T, "type">>,
): Codec<T> {
  return fieldsAfter({ type }, fields);
}

function fieldsAfter<T extends object>(start: object, fields: object): Codec<T> {
  const names = Object.keys(fields) as (keyof T)[];
  const codecs = Object.values(fields) as Codec<T[keyof T]>[];
  return {
    preencode(state, value) {
      for (let i = 0; i < names.length; i++) codecs[i]!.preencode(state, value[names[i]!]);
    },
    encode(state, value) {
      for (let i = 0; i < names.length; i++) codecs[i]!.encode(state, value[names[i]!]);
    },
    decode(state) {
      const value = { ...start } as T;
      for (let i = 0; i < names.length; i++) value[names[i]!] = codecs[i]!.decode(state);
      return value;
    },
  };
}

/** A flag, then the value if there is one. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    preencode(state, value) {
      state.end++;
      if (value !== null) codec.preencode(state, value);
    },
    encode(state, value) {
      bool.encode(state, value !== null);
      if (value !== null) codec.encode(state, value);
    },
    decode: (state) => (bool.decode(state) ? codec.decode(state) : null),
  };
}

/** Their number, at most `max`, then the items, each of one byte at least. */
export function listUpTo<T>(max: number, codec: Codec<T>): Codec<readonly T[]> {
  const count = uintUpTo(max);
  return {
    preencode(state, values) {
      count.preencode(state, values.length);
      for (const value of values) codec.preencode(state, value);
    },
    encode(state, values) {
      count.encode(state, values.length);
      for (const value of values) codec.encode(state, value);
    },
    decode(state) {
      const length = count.decode(state);
      if (length > state.end - state.start) {
        throw malformed(`A list claims ${length} items in ${state.end - state.start} bytes.`);
      }
      const values = new Array<T>(length);
      for (let i = 0; i < length; i++) values[i] = codec.decode(state);
      return values;
    },
  };
}

/** One of a few names, as its index in one byte. */
export function oneOf<T extends string>(...names: readonly T[]): Codec<T> {
  return {
    preencode(state) {
      state.end++;
    },
    encode(state, value) {
      state.buffer[state.start++] = names.indexOf(value);
    },
    decode(state) {
      const index = state.start < state.end ? state.buffer[state.start++]! : names.length;
      const name = names[index];
      if (name === undefined) throw malformed(`Choice ${index} is none of ${names.join(", ")}.`);
      return name;
    },
  };
}

/** @throws protocol/malformed when bytes are left */
export function assertAllRead(state: State): void {
  if (state.start !== state.end) throw malformed(`${state.end - state.start} bytes trail the message.`);
}

/** The same memory as a plain Uint8Array: a Node Buffer's `slice` would alias where callers expect a copy. */
export function plainView(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
