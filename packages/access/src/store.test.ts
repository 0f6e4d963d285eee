import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryAccessStore } from "./store.ts";

test("a name is marked once, and forgotten no sooner than it may be", async () => {
  let now = 0;
  const store = new MemoryAccessStore(() => now);
  assert.equal(await store.mark("kept", 50), true);
  assert.equal(await store.mark("kept", 50), false);
  for (let i = 0; i < 10_000; i++) await store.mark(`${i}`, 10);
  assert.equal(store.isMarked("kept"), true);
  now = 20;
  for (let i = 0; i < 10_000; i++) await store.mark(`later ${i}`, 100);
  assert.equal(store.isMarked("kept"), true);
  assert.equal(store.isMarked("7"), false);
});

test("counts under all names or under none", () => {
  const store = new MemoryAccessStore();
  const wide = { name: "wide", most: 3, until: 2 ** 40 };
  const narrow = { name: "narrow", most: 1, until: 2 ** 40 };
  assert.equal(store.count([wide, narrow]), null);
  assert.equal(store.count([wide, narrow]), "narrow");
  assert.equal(store.count([wide]), null);
  assert.equal(store.count([wide]), null);
  assert.equal(store.count([wide]), "wide");
});
