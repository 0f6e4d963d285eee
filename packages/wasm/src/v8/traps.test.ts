import assert from "node:assert/strict";
import { it } from "node:test";
import { STATUS } from "@demec/protocol/execution";
import { trapStatus } from "./traps.ts";

it("an indirect call of the wrong type or of none is one trap, whichever words a version of V8 has for it", () => {
  const old = "null function or function signature mismatch";
  for (const message of [old, "null function", "function signature mismatch"]) {
    assert.equal(trapStatus(new WebAssembly.RuntimeError(message)), STATUS.indirectCallMismatch);
  }
});

it("what is no trap that the engine knows has no status: it is the host's failure", () => {
  assert.equal(trapStatus(new WebAssembly.RuntimeError("null function of another kind")), undefined);
  assert.equal(trapStatus(new Error("unreachable")), undefined);
});
