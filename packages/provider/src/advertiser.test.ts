import assert from "node:assert/strict";
import { test } from "node:test";
import { type Advert, decodeAdvert, MAX_ADVERTISED_SERVICES } from "@demec/protocol";
import { Advertiser } from "./advertiser.ts";

const ADDRESS = `0x${"0d".repeat(20)}` as const;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("an advert is published at once, again when the room is gone or back, every ten minutes, and after a failure", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  const published: Advert[] = [];
  let freeSessions = 5;
  let fails = false;
  const service = { serviceId: 1n, maxCredits: 9n, minValuePerCredit: 2n, bondPerCredit: 3n };
  const advertiser = new Advertiser({
    publish: async (record) => {
      if (fails) throw new Error("no DHT");
      published.push(decodeAdvert(record));
    },
    advert: () => ({
      chainId: 1,
      accessToken: ADDRESS,
      owner: ADDRESS,
      inBrowser: false,
      services: Array.from({ length: 12 }, () => ({ ...service, freeSessions })),
    }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 15_000) {
      nowMs += 15_000;
      t.mock.timers.tick(15_000);
      await turn();
    }
  };
  advertiser.start();
  await turn();
  assert.equal(published.length, 1);
  assert.deepEqual(published[0]!.services[0], { ...service, freeSessions: 5 });
  assert.equal(published[0]!.services.length, MAX_ADVERTISED_SERVICES);
  assert.equal(published[0]!.expiry, 1_200);
  freeSessions = 4;
  await pass(60_000);
  assert.equal(published.length, 1);
  freeSessions = 0;
  await pass(15_000);
  freeSessions = 1;
  await pass(15_000);
  assert.deepEqual(
    published.map(({ services }) => services[0]!.freeSessions),
    [5, 0, 1],
  );
  fails = true;
  await pass(600_000);
  assert.equal(published.length, 3);
  fails = false;
  await pass(15_000);
  assert.equal(published.length, 4);
  await advertiser.stop();
  await pass(1_200_000);
  assert.equal(published.length, 4);
});
