import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHostPort } from "./hostPort.ts";

test("an address is a port on this machine, or names its host, IPv6 too; anything else is refused", () => {
  assert.deepEqual(parseHostPort("--metrics", "9464"), { host: "127.0.0.1", port: 9464 });
  assert.deepEqual(parseHostPort("--metrics", "10.0.0.7:80"), { host: "10.0.0.7", port: 80 });
  assert.deepEqual(parseHostPort("--metrics", "[::1]:80"), { host: "::1", port: 80 });
  for (const bad of ["", "x", ":80", "1:", "70000", "-1", "host:", "80 "]) {
    assert.throws(() => parseHostPort("--metrics", bad), { code: "cli/bad-option" });
  }
});
