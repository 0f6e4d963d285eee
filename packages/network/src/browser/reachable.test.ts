import assert from "node:assert/strict";
import { test } from "node:test";
import { isPrivate } from "./reachable.ts";

test("names and addresses of this machine and of private networks are told from public ones, a dot at their end or not", () => {
  const inside = ["localhost", "a.localhost", "printer", "printer.local", "db.internal", "nas.home.arpa", "127.0.0.1"];
  const outside = ["example.com", "local.example.com", "203.0.113.7"];
  for (const end of ["", "."]) {
    for (const host of inside) assert.ok(isPrivate(new URL(`ws://${host}${end}:1/`)), host + end);
    for (const host of outside) assert.ok(!isPrivate(new URL(`wss://${host}${end}:1/`)), host + end);
  }
  for (const host of ["[::1]", "[fe80::1]", "[fd00::1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.0.1"]) {
    assert.ok(isPrivate(new URL(`ws://${host}/`)), host);
  }
  assert.ok(!isPrivate(new URL("ws://[2001:db8::1]/")));
});
