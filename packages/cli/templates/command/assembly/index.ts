// A WASI command: stdin to stdout; its arguments are in process.argv.

const CHUNK_BYTES = 65536;

const chunk = new ArrayBuffer(CHUNK_BYTES);
for (let read = process.stdin.read(chunk); read > 0; read = process.stdin.read(chunk)) {
  // Yours from here on.
  const bytes = Uint8Array.wrap(chunk, 0, read);
  for (let i = 0; i < read; i++) if (bytes[i] >= 0x61 && bytes[i] <= 0x7a) bytes[i] -= 0x20;
  process.stdout.write(chunk.slice(0, read));
}
