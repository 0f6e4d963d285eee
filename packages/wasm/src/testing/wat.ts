import createWabt from "wabt";

const wabt = await createWabt();
const FEATURES = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  gc: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
  relaxed_simd: true,
};

/** Assembles WebAssembly text, without checking that it is valid. */
export function wat(text: string): Uint8Array {
  const module = wabt.parseWat("test.wat", text, FEATURES);
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

/** A reactor whose `handle(pointer, length)` is `body`; `fields` are further module fields. */
export function reactor(body: string, fields = "", pages = "1"): Uint8Array {
  return wat(`(module
    (memory (export "memory") ${pages})
    ${fields}
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func $handle (export "handle") (param i32 i32) (result i64) ${body}))`);
}
