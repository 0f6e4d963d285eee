// A WASI command: a binary PPM on stdin, `--width <pixels>` as arguments, the resized PPM on stdout.
// It resamples as the thumbnail does, which is the same function for callers without a shell.

import { handle } from "../../thumbnail/assembly/index";

const CHUNK_BYTES = 65536;
const USAGE = "usage: resize --width <pixels, 1 to 16384> < picture.ppm > resized.ppm\n";

function refuse(): void {
  process.stderr.write(USAGE);
  process.exit(2);
}

/** The width that the arguments ask for; they are this one option and nothing else. */
function widthAsked(): i32 {
  if (process.argv.length != 3 || process.argv[1] != "--width") refuse();
  const text = process.argv[2];
  if (text.length == 0 || text.length > 5) refuse();
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) refuse();
  const width = i32(parseInt(text));
  if (width < 1 || width > 16384) refuse();
  return width;
}

/** Everything on stdin, behind this text. */
function readBehind(text: string): StaticArray<u8> {
  const head = String.UTF8.encode(text);
  const chunk = new ArrayBuffer(CHUNK_BYTES);
  let bytes = new StaticArray<u8>(CHUNK_BYTES);
  memory.copy(changetype<usize>(bytes), changetype<usize>(head), head.byteLength);
  let length = head.byteLength;
  for (let read = process.stdin.read(chunk); read > 0; read = process.stdin.read(chunk)) {
    if (length + read > bytes.length) {
      const grown = new StaticArray<u8>(bytes.length * 2);
      memory.copy(changetype<usize>(grown), changetype<usize>(bytes), length);
      bytes = grown;
    }
    memory.copy(changetype<usize>(bytes) + length, changetype<usize>(chunk), read);
    length += read;
  }
  const exact = new StaticArray<u8>(length);
  memory.copy(changetype<usize>(exact), changetype<usize>(bytes), length);
  return exact;
}

const input = readBehind(widthAsked().toString() + "\n");
const place = handle(changetype<usize>(input), input.length);
const output = new ArrayBuffer(i32(place & 0xffffffff));
memory.copy(changetype<usize>(output), usize(place >> 32), output.byteLength);
process.stdout.write(output);
