import type { Hex } from "@demec/protocol";
import { concat, getAddress, hexToString, keccak256, numberToHex, pad } from "viem";

/** How solc stores a value: `address`, `bool`, `uint96`, `int128`, `bytes32`, or `string`. */
type ValueType = string;
export type StorageType =
  | ValueType
  | { readonly mapping: StorageType }
  | { readonly array: StorageType }
  | { readonly slots: number; readonly struct: readonly StructField[] };
/** `slot` is counted from the struct's first, `offset` from the slot's lowest byte. */
type StructField = readonly [name: string, slot: number, offset: number, type: StorageType];

/** A state variable of a contract. */
export interface Variable {
  readonly slot: number;
  readonly type: StorageType;
}

/** Where a value is stored. */
export interface Place {
  readonly slot: bigint;
  readonly type: StorageType;
}

/** What a place holds: numbers are bigints, structs objects. */
export type Stored = bigint | boolean | string | readonly Stored[] | { readonly [field: string]: Stored };

/** Place of a variable, or of one entry of a mapping. @param keys of the mapping and those in it: values of 32 bytes or less */
export function placeOf({ slot, type }: Variable, keys: readonly (Hex | bigint)[]): Place {
  let place: Place = { slot: BigInt(slot), type };
  for (const key of keys) {
    if (typeof place.type !== "object" || !("mapping" in place.type))
      throw new Error("There is no mapping to look in.");
    const word = typeof key === "bigint" ? slotName(key) : pad(key);
    place = { slot: BigInt(keccak256(concat([word, slotName(place.slot)]))), type: place.type.mapping };
  }
  return place;
}

/** Slots that a place takes. @param atMost items of an array */
export function slotsOf(place: Place, atMost: number): bigint[] {
  const { slot, type } = place;
  if (typeof type === "string") return [slot];
  if ("struct" in type) return range(slot, type.slots);
  if ("array" in type) return [slot, ...range(firstItem(slot), atMost)];
  throw new Error("A mapping has no end.");
}

/** Reads what is stored at a place. @param word of each of its slots @throws Error for what `slotsOf` leaves out */
export function storedAt({ slot, type }: Place, word: (slot: bigint) => bigint): Stored {
  if (typeof type === "string") return valueIn(word(slot), 0, type);
  if ("struct" in type) {
    const fields = type.struct.map(([name, index, offset, fieldType]): [string, Stored] => {
      if (typeof fieldType !== "string") throw new Error(`Field ${name} is no plain value.`);
      return [name, valueIn(word(slot + BigInt(index)), offset, fieldType)];
    });
    return Object.fromEntries(fields);
  }
  if ("array" in type) {
    const itemType = type.array;
    return range(firstItem(slot), Number(word(slot))).map((item) => storedAt({ slot: item, type: itemType }, word));
  }
  throw new Error("A mapping has no end.");
}

/** A slot as nodes want it named. */
export const slotName = (slot: bigint): Hex => numberToHex(slot, { size: 32 });

function valueIn(word: bigint, offset: number, type: ValueType): Stored {
  if (type === "string") return shortString(word);
  const bits = BigInt(bitsOf(type));
  const value = BigInt.asUintN(Number(bits), word >> (8n * BigInt(offset)));
  if (type === "bool") return value !== 0n;
  if (type === "address") return getAddress(numberToHex(value, { size: 20 }));
  if (type.startsWith("bytes")) return numberToHex(value, { size: Number(bits) / 8 });
  return type.startsWith("int") ? BigInt.asIntN(Number(bits), value) : value;
}

function bitsOf(type: ValueType): number {
  if (type === "bool") return 8;
  if (type === "address") return 160;
  const number = Number(/\d+$/.exec(type)?.[0]);
  return type.startsWith("bytes") ? 8 * number : number;
}

/** Up to 31 bytes stand in one slot, with twice their number in the lowest byte. */
function shortString(word: bigint): string {
  const doubled = Number(word & 0xffn);
  if (doubled % 2 === 1) throw new Error("A string takes more than one slot.");
  const text = doubled === 0 ? "0x" : slotName(word).slice(0, 2 + doubled);
  return hexToString(text as Hex);
}

const firstItem = (slot: bigint) => BigInt(keccak256(slotName(slot)));
const range = (first: bigint, count: number) => Array.from({ length: count }, (_, i) => first + BigInt(i));
