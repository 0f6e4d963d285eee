import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isDemecError } from "./errors.ts";
import { assertFiles, FILE_LIMITS, makeFiles, type RequestFile } from "./files.ts";

const file = (path: string, length = 0): RequestFile => ({ path, bytes: new Uint8Array(length) });
const utf8 = (text: string) => Buffer.from(text);

test("files that are no tree of relative paths, in order and within bounds, are refused with the path at fault", () => {
  const refused: RequestFile[][] = [
    ...["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.", "./a", "a\0b", "\ud800"].map((path) => [
      file(path),
    ]),
    [file("a"), file("a")],
    [file("b"), file("a")],
    // A file that is a directory of another, whatever stands between them.
    [file("a"), file("a/b")],
    [file("a"), file("a-"), file("a/b")],
    [file("\ufeffa"), file("\ufeffa/b")],
    // In UTF-16 the order would be the other one.
    [file("\u{10000}"), file("\uffff")],
    [file("n".repeat(FILE_LIMITS.nameBytes + 1))],
    [file("ß".repeat(128))],
    [file(`${"d/".repeat(FILE_LIMITS.pathBytes / 2)}d`)],
    [file("a", FILE_LIMITS.bytes), file("b", 1)],
    Array.from({ length: FILE_LIMITS.nodes }, (_, i) => file(`${1e6 + i}`)),
    [file(`${"d/".repeat(2000)}a`), file(`e/${"d/".repeat(2000)}a`), file(`f/${"d/".repeat(100)}a`)],
  ];
  for (const files of refused) {
    assert.throws(() => assertFiles(files), { code: "protocol/bad-files" }, JSON.stringify(files.slice(0, 2)));
  }
  const accepted: RequestFile[][] = [
    [],
    [file("a"), file("a-"), file("b/a"), file("b/a-/c")],
    [file("\uffff"), file("\u{10000}")],
    [file("..."), file("..a"), file(".a")],
    [file("n".repeat(FILE_LIMITS.nameBytes)), file("ß".repeat(127))],
    [file("a", FILE_LIMITS.bytes)],
    Array.from({ length: FILE_LIMITS.nodes - 1 }, (_, i) => file(`${1e6 + i}`)),
    Array.from({ length: FILE_LIMITS.nodes - 2 }, (_, i) => file(`d/${1e6 + i}`)),
  ];
  for (const files of accepted) assertFiles(files);
});

test("a record of files makes a tree or is refused, whatever its paths, as a look at every pair of them says", () => {
  const name = fc.constantFrom("a", "b", "a-", "é", "\ufffe", "\u{1f600}", "..", "");
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 6 }), (paths) => {
      const isTree = paths.every(
        (one) =>
          one.split("/").every((part) => part !== "" && part !== "..") &&
          paths.every((other) => !other.startsWith(`${one}/`)),
      );
      try {
        const made = makeFiles(Object.fromEntries(paths.map((path) => [path, new Uint8Array(1)])));
        assert.ok(isTree, JSON.stringify(paths));
        const sorted = paths.toSorted((one, other) => Buffer.compare(utf8(one), utf8(other)));
        assert.deepEqual(
          made.map(({ path }) => path),
          sorted,
        );
      } catch (error) {
        if (!isDemecError(error, "protocol/bad-files")) throw error;
        assert.ok(!isTree, JSON.stringify(paths));
      }
    }),
    { numRuns: 2000 },
  );
});
