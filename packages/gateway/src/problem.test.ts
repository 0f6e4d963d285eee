import assert from "node:assert/strict";
import { test } from "node:test";
import { DemecError, ERROR_TABLE, type ErrorCode } from "@demec/protocol";
import { problemOf, problemResponse } from "./problem.ts";

test("every error of the project has a status code of its kind, and a type that says what to do about it", () => {
  for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
    const { status, type, title, retryable } = problemOf(new DemecError(code, "It is so."));
    assert.ok(Number.isInteger(status) && status >= 400 && status < 600, code);
    assert.deepEqual(
      [type, title, retryable],
      [`/errors/${code}`, ERROR_TABLE[code].next, ERROR_TABLE[code].retryable],
    );
  }
});

test("what the gateway lacks itself, and what nobody foresaw, tells nothing of its inside", async () => {
  const secrets = [
    new DemecError("chain/rpc", "http://10.0.0.7:8545 doesn't answer.", { details: { url: "http://10.0.0.7:8545" } }),
    new TypeError("secret.privateKey is not a function"),
  ];
  for (const error of secrets) {
    const body = await problemResponse(error).text();
    assert.doesNotMatch(body, /10\.0\.0\.7|privateKey/);
  }
});
