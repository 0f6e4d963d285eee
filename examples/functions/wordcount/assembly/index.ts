// A WASI command: text on stdin, number of words to list as its argument, table on stdout.

const CHUNK_BYTES = 65536;

/** One word of the text: where it stands and how often it occurs. */
class Entry {
  count: i32 = 1;
  constructor(public readonly start: i32, public readonly length: i32) {}
}

/** Open-addressing hash table over words of one text. */
class Words {
  private slots: StaticArray<i32> = new StaticArray<i32>(4096);
  readonly entries: Array<Entry> = [];

  constructor(private readonly text: StaticArray<u8>) {}

  add(start: i32, length: i32): void {
    const slot = this.find(start, length);
    const at = this.slots[slot];
    if (at > 0) {
      this.entries[at - 1].count++;
      return;
    }
    this.entries.push(new Entry(start, length));
    this.slots[slot] = this.entries.length;
    if (this.entries.length * 2 > this.slots.length) this.grow();
  }

  private find(start: i32, length: i32): i32 {
    const mask = this.slots.length - 1;
    let slot = this.hash(start, length) & mask;
    for (let at = this.slots[slot]; at != 0; at = this.slots[slot]) {
      const entry = this.entries[at - 1];
      if (entry.length == length && compare(this.text, entry.start, length, start, length) == 0) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** FNV-1a. */
  private hash(start: i32, length: i32): u32 {
    let hash: u32 = 0x811c9dc5;
    for (let i = 0; i < length; i++) hash = (hash ^ this.text[start + i]) * 0x01000193;
    return hash;
  }

  private grow(): void {
    this.slots = new StaticArray<i32>(this.slots.length * 2);
    for (let i = 0; i < this.entries.length; i++) {
      const entry = this.entries[i];
      this.slots[this.find(entry.start, entry.length)] = i + 1;
    }
  }
}

/** Byte order; a prefix comes first. */
function compare(text: StaticArray<u8>, a: i32, aLength: i32, b: i32, bLength: i32): i32 {
  const shared = min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const difference = i32(text[a + i]) - i32(text[b + i]);
    if (difference != 0) return difference;
  }
  return aLength - bLength;
}

function readAll(): StaticArray<u8> {
  const chunk = new ArrayBuffer(CHUNK_BYTES);
  let text = new StaticArray<u8>(CHUNK_BYTES);
  let length = 0;
  for (;;) {
    const read = process.stdin.read(chunk);
    if (read == 0) break;
    if (length + read > text.length) {
      const grown = new StaticArray<u8>(text.length * 2);
      memory.copy(changetype<usize>(grown), changetype<usize>(text), length);
      text = grown;
    }
    memory.copy(changetype<usize>(text) + length, changetype<usize>(chunk), read);
    length += read;
  }
  const exact = new StaticArray<u8>(length);
  memory.copy(changetype<usize>(exact), changetype<usize>(text), length);
  return exact;
}

function isLetter(byte: u8): bool {
  return byte >= 0x80 || (byte >= 0x61 && byte <= 0x7a);
}

const text = readAll();
for (let i = 0; i < text.length; i++) {
  if (text[i] >= 0x41 && text[i] <= 0x5a) text[i] += 0x20;
}
const words = new Words(text);
let total = 0;
for (let at = 0; at < text.length; ) {
  if (!isLetter(text[at])) {
    at++;
    continue;
  }
  const start = at;
  while (at < text.length && (isLetter(text[at]) || (text[at] == 0x27 && at + 1 < text.length && isLetter(text[at + 1])))) at++;
  words.add(start, at - start);
  total++;
}

// Long-lived globals: the comparator is a function without closure.
words.entries.sort((a, b) => {
  if (a.count != b.count) return b.count - a.count;
  return compare(text, a.start, a.length, b.start, b.length);
});

let limit = 20;
if (process.argv.length > 1) {
  const given = parseInt(process.argv[1]);
  if (!(given >= 0 && given <= 1000000)) {
    process.stderr.write("wordcount: the number of words to list must be 0 to 1000000\n");
    process.exit(2);
  }
  limit = i32(given);
}
const lines = new Array<string>();
lines.push(total.toString() + " words, " + words.entries.length.toString() + " different\n");
for (let i = 0; i < min(limit, words.entries.length); i++) {
  const entry = words.entries[i];
  const word = String.UTF8.decodeUnsafe(changetype<usize>(text) + entry.start, entry.length);
  lines.push(entry.count.toString().padStart(8) + " " + word + "\n");
}
process.stdout.write(lines.join(""));
