/** What the script `anagrams.js` prints, in other words. @param least fewest words of a group that is listed */
export function anagrams(text: string, least = 2): string {
  const words = [...new Set(text.toLowerCase().match(/\p{L}+/gu))].sort();
  const sorted = (word: string) => Array.from(word).sort().join("");
  const groups = Object.values(Object.groupBy(words, sorted)).map((group) => group!);
  const listed = groups.filter((group) => group.length >= least);
  return `${JSON.stringify(listed.sort(([a], [b]) => (a! < b! ? -1 : 1)))}\n`;
}
