/** What the function `wordcount` prints, in plain TypeScript. @param text UTF-8 */
export function wordcount(text: Uint8Array, limit = 20): Uint8Array {
  // Latin-1 keeps bytes apart as characters, so that order and case are those of bytes.
  const latin = Buffer.from(text)
    .toString("latin1")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const counts = new Map<string, number>();
  let total = 0;
  for (const [word] of latin.matchAll(/[a-z\x80-\xff](?:[a-z\x80-\xff]|'(?=[a-z\x80-\xff]))*/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    total++;
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const lines = sorted.slice(0, limit).map(([word, count]) => `${String(count).padStart(8)} ${word}\n`);
  return Buffer.from(`${total} words, ${counts.size} different\n${lines.join("")}`, "latin1");
}
