import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeAddresses,
  encodeAddresses,
  isReserved,
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  tcpAddresses,
} from "./addresses.ts";
import { decodeSections, encodeSections, SECTIONS } from "./sections.ts";

const address = fc.string({ maxLength: MAX_ADDRESS_BYTES / 3 });

test("addresses come out of a record as they went in, beside sections of a later version", () => {
  fc.assert(
    fc.property(fc.array(address, { maxLength: MAX_ADDRESSES }), fc.uint8Array({ maxLength: 500 }), (list, later) => {
      const record = encodeSections(
        new Map([
          [200, later],
          [SECTIONS.addresses, encodeAddresses(list)],
        ]),
      );
      assert.deepEqual(decodeAddresses(decodeSections(record).get(SECTIONS.addresses)!), list);
    }),
  );
});

test("a record that the DHT would not take is refused", () => {
  assert.equal(encodeSections(new Map([[1, new Uint8Array(997)]])).length, 1000);
  assert.throws(() => encodeSections(new Map([[1, new Uint8Array(998)]])), { code: "network/record-too-long" });
});

test("whatever a stranger publishes gives a bounded list and no error", () => {
  const nearlyRight = fc.tuple(fc.uint8Array({ maxLength: 996 }), fc.nat(1000)).map(([bytes, length]) => {
    return Uint8Array.of(SECTIONS.addresses, length >> 8, length & 255, ...bytes);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 1000 }), nearlyRight), (record) => {
      const list = decodeAddresses(decodeSections(record).get(SECTIONS.addresses) ?? new Uint8Array());
      assert.ok(list.length <= MAX_ADDRESSES);
      for (const { host, port } of tcpAddresses(list)) assert.ok(host !== "" && port > 0 && port < 65536);
    }),
    { numRuns: 2000 },
  );
});

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
