// A script to sell: groups the words of a text that are anagrams of each other, as JSON.
const groups = new Map();
for (const word of new Set(
  stdin
    .text()
    .toLowerCase()
    .match(/\p{L}+/gu) ?? [],
)) {
  const key = [...word].sort().join("");
  groups.set(key, [...(groups.get(key) ?? []), word]);
}
const least = Number(args[0] ?? 2);
const found = [...groups.values()].filter((words) => words.length >= least).map((words) => words.sort());
print(JSON.stringify(found.sort((a, b) => (a[0] < b[0] ? -1 : 1))));
