import assert from "node:assert/strict";
import { test } from "node:test";
import { isReserved, tcpAddresses } from "./ipAddresses.ts";

test("only TCP addresses with a literal IP address are called", () => {
  const given = [
    "tcp://203.0.113.7:4001",
    "tcp://[2001:db8::1]:80",
    "tcp://203.0.113.7:0",
    "tcp://203.0.113.7:65536",
    "tcp://203.0.113.700:1",
    "tcp://a.example:80",
    "tcp://203.0.113.7:80/x",
    "ws://203.0.113.7:80/",
    "",
  ];
  assert.deepEqual(tcpAddresses(given), [
    { host: "203.0.113.7", port: 4001 },
    { host: "2001:db8::1", port: 80 },
  ]);
});

test("addresses of this machine and of private networks are told from public ones", () => {
  for (const host of ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.31.0.1", "169.254.1.1", "0.0.0.0", "::1", "fd00::1"])
    assert.ok(isReserved(host), host);
  for (const host of ["::ffff:127.0.0.1", "::ffff:10.0.0.1"]) assert.ok(isReserved(host), host);
  for (const host of ["203.0.113.7", "172.32.0.1", "8.8.8.8", "2001:db8::1"]) assert.ok(!isReserved(host), host);
});
