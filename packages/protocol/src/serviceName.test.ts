import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatServiceName, parseServiceName } from "./serviceName.ts";

const token = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

test("a name says chain, contract and id, and nothing is lost on the way there and back", () => {
  assert.equal(
    formatServiceName({ chainId: 80002, accessToken: token, serviceId: 42n }),
    `eip155:80002/erc1155:${token}/42`,
  );
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.bigInt(0n, 2n ** 256n - 1n), (chainId, serviceId) => {
      const name = { chainId, accessToken: token, serviceId } as const;
      assert.deepEqual(parseServiceName(formatServiceName(name)), name);
    }),
  );
  assert.equal(parseServiceName(`eip155:1/erc1155:${token.toLowerCase()}/7`).accessToken, token);
});

test("anything else is refused", () => {
  const bad = [
    "",
    "42",
    `eip155:0/erc1155:${token}/42`,
    `eip155:01/erc1155:${token}/42`,
    `eip155:1/erc721:${token}/42`,
    `eip155:1/erc1155:${token}/-1`,
    `eip155:1/erc1155:${token}/007`,
    `eip155:1/erc1155:${token}/${2n ** 256n}`,
    `eip155:1/erc1155:${token.slice(0, -1)}/1`,
    `eip155:1/erc1155:${token.replace("F", "f")}/1`,
    ` eip155:1/erc1155:${token}/1`,
    `eip155:1/erc1155:${token}/1\n`,
    `eip155:99999999999999999/erc1155:${token}/1`,
  ];
  for (const name of bad) assert.throws(() => parseServiceName(name), { code: "protocol/bad-service-name" }, name);
});
