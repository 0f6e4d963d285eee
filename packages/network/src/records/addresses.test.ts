import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tcpAddresses } from "../dht/ipAddresses.ts";
import {
  decodeAddresses,
  encodeAddresses,
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  viaAddress,
  viaAddresses,
  webSocketAddresses,
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

test("guides, and WebSockets, are told from other addresses", () => {
  const guide = `0x${"ab".repeat(32)}` as const;
  const given = [
    viaAddress(guide),
    "via://0x12",
    `via://${"AB".repeat(32)}`,
    "tcp://203.0.113.7:1",
    "wss://a.example/x",
    "ws:/",
  ];
  assert.deepEqual(viaAddresses(given), [guide]);
  assert.ok(viaAddress(guide).length <= MAX_ADDRESS_BYTES);
  assert.deepEqual(webSocketAddresses(given).map(String), ["wss://a.example/x"]);
});
