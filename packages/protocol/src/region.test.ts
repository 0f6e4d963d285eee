import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isInRegion, parseRegion, regionPrefixes } from "./region.ts";

const segment = fc.stringMatching(/^[a-z0-9]{1,6}$/);

test("a region's prefixes are its paths, coarse to fine, itself last", () => {
  assert.deepEqual(regionPrefixes("eu-de-fra"), ["eu", "eu-de", "eu-de-fra"]);
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
      const region = segments.join("-");
      const prefixes = regionPrefixes(region);
      assert.deepEqual(parseRegion(region), segments);
      assert.equal(prefixes.length, segments.length);
      assert.equal(prefixes.at(-1), region);
      for (const prefix of prefixes) assert.ok(isInRegion(region, prefix));
    }),
  );
});

test("a prefix contains whole segments only", () => {
  assert.ok(!isInRegion("eu-den", "eu-de"));
  assert.ok(!isInRegion("eu", "eu-de"));
});

test("anything but lower-case segments joined by '-' is refused", () => {
  for (const bad of ["", "EU", "eu-", "-eu", "eu--de", "eu_de", "eu de", "é", "a".repeat(65), "eu\n"]) {
    assert.throws(() => parseRegion(bad), { code: "protocol/bad-region" });
  }
});
