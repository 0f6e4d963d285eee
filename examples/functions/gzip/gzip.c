// SPDX-License-Identifier: MIT
// A WASI command: any bytes on stdin, the same bytes as a gzip file (RFC 1952) on stdout.
// One DEFLATE block (RFC 1951) with the fixed Huffman codes, matches by hash chains over a window of 32 KiB.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  WINDOW = 32768,
  MIN_MATCH = 3,
  MAX_MATCH = 258,
  HASH_BITS = 15,
  END_OF_BLOCK = 256,
  DEFAULT_EFFORT = 32,
  MAX_EFFORT = 4096,
};

/** Bytes that grow as they are written to. */
typedef struct {
  uint8_t *data;
  size_t length, capacity;
  uint64_t bits;
  unsigned bitCount;
} Buffer;

static void reserve(Buffer *buffer, size_t more) {
  if (buffer->length + more <= buffer->capacity) return;
  while (buffer->capacity < buffer->length + more) buffer->capacity = buffer->capacity ? buffer->capacity * 2 : 65536;
  buffer->data = realloc(buffer->data, buffer->capacity);
  if (buffer->data == NULL) {
    fputs("gzip: out of memory\n", stderr);
    exit(1);
  }
}

static void putByte(Buffer *out, uint8_t byte) {
  reserve(out, 1);
  out->data[out->length++] = byte;
}

static void putUint32(Buffer *out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) putByte(out, (uint8_t)(value >> shift));
}

/** Everything but Huffman codes goes least significant bit first. */
static void putBits(Buffer *out, uint32_t value, unsigned count) {
  out->bits |= (uint64_t)value << out->bitCount;
  for (out->bitCount += count; out->bitCount >= 8; out->bitCount -= 8) {
    putByte(out, (uint8_t)out->bits);
    out->bits >>= 8;
  }
}

/** Huffman codes go most significant bit first. */
static void putCode(Buffer *out, uint32_t code, unsigned count) {
  uint32_t reversed = 0;
  for (unsigned i = 0; i < count; i++) reversed |= ((code >> i) & 1) << (count - 1 - i);
  putBits(out, reversed, count);
}

/** A literal, a length or the end, by the fixed code of RFC 1951, section 3.2.6. */
static void putSymbol(Buffer *out, unsigned symbol) {
  if (symbol < 144) putCode(out, 0x30 + symbol, 8);
  else if (symbol < 256) putCode(out, 0x190 + symbol - 144, 9);
  else if (symbol < 280) putCode(out, symbol - 256, 7);
  else putCode(out, 0xc0 + symbol - 280, 8);
}

/**
 * Lengths and distances share a scheme: `base` numbers without extra bits, then `perStep` symbols for each further bit.
 * `value` counts from 0.
 */
static unsigned bucket(unsigned value, unsigned perStep, unsigned *extraBits, unsigned *extra) {
  unsigned bits = 0;
  while ((value >> bits) >= 2 * perStep) bits++;
  *extraBits = bits;
  *extra = value & ((1u << bits) - 1);
  return bits * perStep + (value >> bits);
}

static void putMatch(Buffer *out, unsigned length, unsigned distance) {
  unsigned bits, extra;
  if (length == MAX_MATCH) {
    putSymbol(out, 285);
  } else {
    putSymbol(out, 257 + bucket(length - MIN_MATCH, 4, &bits, &extra));
    putBits(out, extra, bits);
  }
  putCode(out, bucket(distance - 1, 2, &bits, &extra), 5);
  putBits(out, extra, bits);
}

static uint32_t hashAt(const uint8_t *at) {
  return ((at[0] | at[1] << 8 | (uint32_t)at[2] << 16) * 0x9e3779b1u) >> (32 - HASH_BITS);
}

static size_t matchLength(const uint8_t *a, const uint8_t *b, size_t limit) {
  size_t length = 0;
  while (length < limit && a[length] == b[length]) length++;
  return length;
}

/** @param effort earlier places of the same three bytes that are tried at most, for each position */
static void deflate(Buffer *out, const uint8_t *data, size_t length, unsigned effort) {
  static int64_t newest[1 << HASH_BITS];
  static int64_t older[WINDOW];
  memset(newest, 0xff, sizeof newest);
  putBits(out, 1, 1); // the last block
  putBits(out, 1, 2); // of fixed codes
  for (size_t at = 0; at < length;) {
    size_t limit = length - at < MAX_MATCH ? length - at : MAX_MATCH;
    size_t best = 0, distance = 0;
    if (limit >= MIN_MATCH) {
      int64_t candidate = newest[hashAt(data + at)];
      for (unsigned tries = effort; candidate >= 0 && at - (size_t)candidate <= WINDOW && tries > 0; tries--) {
        size_t found = matchLength(data + candidate, data + at, limit);
        if (found > best) {
          best = found;
          distance = at - (size_t)candidate;
        }
        int64_t next = older[candidate % WINDOW];
        if (next >= candidate) break; // its place was taken by a newer one
        candidate = next;
      }
    }
    size_t step = best >= MIN_MATCH ? best : 1;
    if (step == 1) putSymbol(out, data[at]);
    else putMatch(out, (unsigned)best, (unsigned)distance);
    for (size_t end = at + step; at < end; at++) {
      if (length - at < MIN_MATCH) continue;
      uint32_t hash = hashAt(data + at);
      older[at % WINDOW] = newest[hash];
      newest[hash] = (int64_t)at;
    }
  }
  putSymbol(out, END_OF_BLOCK);
  putBits(out, 0, (8 - out->bitCount) % 8);
}

static uint32_t crc32(const uint8_t *data, size_t length) {
  uint32_t table[256];
  for (uint32_t i = 0; i < 256; i++) {
    table[i] = i;
    for (int bit = 0; bit < 8; bit++) table[i] = table[i] & 1 ? 0xedb88320u ^ table[i] >> 1 : table[i] >> 1;
  }
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < length; i++) crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

int main(int argc, char **argv) {
  unsigned effort = DEFAULT_EFFORT;
  if (argc > 1) {
    char *end;
    unsigned long given = strtoul(argv[1], &end, 10);
    if (*end != '\0' || end == argv[1] || given < 1 || given > MAX_EFFORT) {
      fprintf(stderr, "gzip: the effort must be 1 to %d\n", MAX_EFFORT);
      return 2;
    }
    effort = (unsigned)given;
  }
  Buffer input = {0};
  for (ssize_t got = 1; got > 0;) {
    reserve(&input, 65536);
    got = read(0, input.data + input.length, input.capacity - input.length);
    if (got > 0) input.length += (size_t)got;
  }
  Buffer out = {0};
  // Method 8, no name, no time, unknown system: the same input always gives the same file.
  static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  for (size_t i = 0; i < sizeof header; i++) putByte(&out, header[i]);
  deflate(&out, input.data, input.length, effort);
  putUint32(&out, crc32(input.data, input.length));
  putUint32(&out, (uint32_t)input.length);
  for (size_t at = 0; at < out.length;) {
    ssize_t put = write(1, out.data + at, out.length - at);
    if (put < 0) return 1;
    at += (size_t)put;
  }
  return 0;
}
