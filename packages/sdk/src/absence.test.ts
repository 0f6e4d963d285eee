import assert from "node:assert/strict";
import { test } from "node:test";
import { Absence } from "./absence.ts";

const MINUTE_MS = 60_000;

test("a provider is given up after ten minutes that this side was awake to see, and not for a night that it slept", () => {
  const absence = new Absence(0);
  for (let nowMs = 0; nowMs <= 5 * MINUTE_MS; nowMs += 25) absence.tick(nowMs);
  const morningMs = 480 * MINUTE_MS;
  absence.tick(morningMs);
  assert.equal(absence.lastsMs(morningMs), 6 * MINUTE_MS);
  assert.equal(absence.isHopeless(morningMs), false);
  for (let nowMs = morningMs; nowMs <= morningMs + 5 * MINUTE_MS; nowMs += 25) absence.tick(nowMs);
  assert.equal(absence.isHopeless(morningMs + 5 * MINUTE_MS), true);
});

test("attempts grow rarer, up to half a minute, and come at once when something has changed on this side", () => {
  const absence = new Absence(0);
  for (let nowMs = 0, tries = 0; tries < 12; nowMs += 25) {
    if (!absence.tick(nowMs)) continue;
    absence.postpone(nowMs);
    tries++;
  }
  const nowMs = 10 * MINUTE_MS;
  absence.postpone(nowMs);
  assert.equal(absence.tick(nowMs + 20_000), false);
  absence.hasten(nowMs + 20_000);
  assert.equal(absence.tick(nowMs + 20_000), true);
  absence.postpone(nowMs + 20_000);
  assert.equal(absence.tick(nowMs + 21_000), true, "and soon again");
});
