import assert from "node:assert/strict";
import { ERROR_TABLE, type ErrorCode, isDemecError } from "@demec/protocol";

/** The work ends in an error of this code. */
export const refusedWith = (code: ErrorCode, work: Promise<unknown>): Promise<void> =>
  assert.rejects(work, (error) => isDemecError(error, code) || assert.fail(`${error} is not ${code}`));

/** The work ends in an error of this code, whose sentence names the value and whose next step is that of the table. */
export async function refused(code: ErrorCode, value: string | RegExp | bigint, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isDemecError(error), `not a coded error: ${error}`);
    assert.equal(error.code, code, error.message);
    assert.equal(error.next, ERROR_TABLE[code].next);
    const told = error.message.replace(/ Next: .*$/s, "");
    if (value instanceof RegExp) assert.match(told, value);
    else assert.ok(told.toLowerCase().includes(`${value}`.toLowerCase()), `"${told}" does not name ${value}`);
    return true;
  });
}
