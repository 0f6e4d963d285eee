import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { DemecError } from "@demec/protocol";
import { punchThrough } from "./punching.ts";

const failure = (code: string) =>
  new DemecError("network/unreachable", "No connection.", { cause: Object.assign(new Error(code), { code }) });

test("a hole that was refused for being too soon is tried again after hyperdht's 20 seconds, not before", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let tries = 0;
    const connecting = punchThrough(
      async () => {
        if (++tries === 1) throw failure("REMOTE_ABORTED");
        return "through";
      },
      { timeoutMs: 60_000 },
    );
    const turns = async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
    };
    await turns();
    mock.timers.tick(20_000);
    await turns();
    assert.equal(tries, 1);
    mock.timers.tick(1_000);
    assert.equal(await connecting, "through");
    assert.equal(tries, 2);
  } finally {
    mock.timers.reset();
  }
});

test("where there is no time for another try, the caller is told at once when one makes sense", async () => {
  let tries = 0;
  const attempt = async () => {
    tries++;
    throw failure("HOLEPUNCH_ABORTED");
  };
  await assert.rejects(punchThrough(attempt, { timeoutMs: 10_000 }), (error) => {
    assert.ok(error instanceof DemecError && error.code === "network/unreachable");
    assert.equal(error.details.retryAfterMs, 21_000);
    return true;
  });
  assert.equal(tries, 1);
});

test("any other failure is the caller's at once", async () => {
  for (const error of [failure("PEER_NOT_FOUND"), new DemecError("network/key-mismatch", "Another key.")]) {
    await assert.rejects(
      punchThrough(() => Promise.reject(error), { timeoutMs: 60_000 }),
      error,
    );
  }
});
