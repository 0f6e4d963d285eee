import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "./hex.ts";
import { providerTopics, regionTopic, serviceTopic } from "./topics.ts";

const NAME = `eip155:80002/erc1155:0x${"Ab".repeat(20)}/42`;

test("a service has one topic, however its contract's address is spelt", () => {
  assert.deepEqual(serviceTopic(NAME), serviceTopic(NAME.toLowerCase()));
  assert.equal(toHex(serviceTopic(NAME)), "0x480e69d06e2acf9ac4ecfffe9a4e027ed2c0f4be0d80469f1d44ebbe25a410dd");
});

test("topics of services, regions and their prefixes are all different", () => {
  const topics = [NAME, NAME.replace("/42", "/43")].flatMap((name) => providerTopics(name, "eu-de-fra")).map(toHex);
  assert.equal(topics.length, 8);
  assert.equal(new Set(topics).size, 8);
});

test("a provider's topics are what buyers of every prefix of its region look for", () => {
  const wanted = [
    serviceTopic(NAME),
    regionTopic(NAME, "eu"),
    regionTopic(NAME, "eu-de"),
    regionTopic(NAME, "eu-de-fra"),
  ];
  assert.deepEqual(providerTopics(NAME, "eu-de-fra"), wanted);
});

test("what names no service or no region is refused", () => {
  const bad = [
    "",
    "eip155:1",
    NAME.replace("eip155", "solana"),
    `${NAME}/1`,
    NAME.replace("42", "042"),
    NAME.replace("42", "-1"),
  ];
  for (const name of bad) assert.throws(() => serviceTopic(name), { code: "protocol/bad-service-name" });
  assert.throws(() => regionTopic(NAME, "EU"), { code: "protocol/bad-region" });
});
