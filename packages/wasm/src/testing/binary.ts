import { ByteWriter } from "../meter/bytes.ts";
import { I64 } from "../meter/valueType.ts";

const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const utf8 = new TextEncoder();

/** One function's body: `locals` of type i64, then what `write` writes, then its end. */
export function body(locals: number, write: (code: ByteWriter) => void): Uint8Array {
  const code = new ByteWriter();
  code.u32(locals > 0 ? 1 : 0);
  if (locals > 0) {
    code.u32(locals);
    code.byte(I64);
  }
  write(code);
  code.byte(0x0b);
  return code.view();
}

/** Writes the same bytes `count` times. */
export function repeat(count: number, ...bytes: number[]): (code: ByteWriter) => void {
  const chunk = Uint8Array.from(bytes);
  return (code) => {
    for (let i = 0; i < count; i++) code.raw(chunk);
  };
}

/** A command of these functions without parameters and results, the first of which is `_start`; for modules too large as text. */
export function command(bodies: readonly Uint8Array[]): Uint8Array {
  const output = new ByteWriter(1 << 16);
  output.raw(HEADER);
  const section = (id: number, write: (content: ByteWriter) => void) => {
    const content = new ByteWriter(1 << 16);
    write(content);
    output.byte(id);
    output.vector(content.view());
  };
  section(1, (w) => w.raw(Uint8Array.of(1, 0x60, 0, 0)));
  section(3, (w) => {
    w.u32(bodies.length);
    for (let i = 0; i < bodies.length; i++) w.byte(0);
  });
  section(5, (w) => w.raw(Uint8Array.of(1, 0, 1)));
  section(7, (w) => {
    w.u32(2);
    w.vector(utf8.encode("_start"));
    w.raw(Uint8Array.of(0, 0));
    w.vector(utf8.encode("memory"));
    w.raw(Uint8Array.of(2, 0));
  });
  section(10, (w) => {
    w.u32(bodies.length);
    for (const code of bodies) w.vector(code);
  });
  return output.view().slice();
}
