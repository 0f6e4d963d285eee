// docs/audit/properties.md names a test for every property of the market: they must be there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const rows = [...read("docs/audit/properties.md").matchAll(/^\|.*\| `([^`]+)` +\| `([^`]+)` +\|$/gm)].map(
  ([, file, title]) => ({ file: file!, title: title! }),
);

test("every property of the market has a test whose title says it", () => {
  assert.ok(rows.length >= 100, `${rows.length} rows`);
  const missing = rows.filter(({ file, title }) => {
    const source = read(file);
    if (file.endsWith(".sol")) return !source.includes(`function ${title}(`);
    return !['"', "`", "'"].some((quote) => source.includes(`(${quote}${title}${quote}`));
  });
  assert.deepEqual(missing, []);
});
