import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type ErrorCode, type Hex, isDemecError } from "@demec/protocol";
import fc from "fast-check";
import type { Reader, SecretOpener, SecretSealer } from "../sealer.ts";

/** What a backend brings to be tested: a sealer, and three providers of whom the last is never sealed to. */
export interface SealerStage {
  readonly sealer: SecretSealer;
  readonly providers: readonly [SealedTo, SealedTo, SealedTo];
  readonly stop: () => Promise<void>;
}

interface SealedTo {
  readonly reader: Reader;
  readonly opener: SecretOpener;
}

const SERVICE = `eip155:31337/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/1`;
const OTHER_SERVICE = `eip155:31337/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/2`;
const BUYER: Hex = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const OTHER_BUYER: Hex = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const CALLER = { audience: SERVICE, subject: BUYER };
const SECRET = new TextEncoder().encode("hunter2 hunter2 hunter2");

const refusedWith = (codes: readonly ErrorCode[], work: Promise<unknown>) =>
  assert.rejects(work, (error) => (isDemecError(error) && codes.includes(error.code)) || assert.fail(`${error}`));

/** What every sealer must do; the same tests for each backend. */
export function testSealer(backend: string, start: () => Promise<SealerStage>): void {
  describe(`sealer: ${backend}`, () => {
    let stage: SealerStage;
    let box: string;
    before(async () => {
      stage = await start();
      const [first, second] = stage.providers;
      box = await stage.sealer.seal(SECRET, CALLER, [first.reader, second.reader]);
    });
    after(() => stage.stop());

    test("each provider that it is sealed to opens it, and no other", async () => {
      const [first, second, third] = stage.providers;
      for (const { opener } of [first, second]) assert.deepEqual(await opener.open(box, CALLER), SECRET);
      await refusedWith(["access/sealed-to-others"], third.opener.open(box, CALLER));
    });

    test("opens for the calls that it was sealed for: not of another service, not of another buyer", async () => {
      const [{ opener, reader }] = stage.providers;
      for (const change of [{ audience: OTHER_SERVICE }, { subject: OTHER_BUYER }]) {
        await refusedWith(["access/foreign-box"], opener.open(box, { ...CALLER, ...change }));
      }
      const forAll = await stage.sealer.seal(SECRET, { audience: SERVICE, subject: null }, [reader]);
      assert.deepEqual(await opener.open(forAll, { ...CALLER, subject: OTHER_BUYER }), SECRET);
      await refusedWith(["access/foreign-box"], opener.open(forAll, { ...CALLER, audience: OTHER_SERVICE }));
    });

    test("a box that was tampered with stays shut, or says the same", async () => {
      const [{ opener }] = stage.providers;
      await fc.assert(
        fc.asyncProperty(fc.nat(box.length - 1), fc.integer({ min: 0x20, max: 0x7e }), async (at, code) => {
          const changed = box.slice(0, at) + String.fromCharCode(code) + box.slice(at + 1);
          const opened = await opener.open(changed, CALLER).catch((error: unknown) => error);
          // What belongs to another reader may change, and so may bits that an encoding doesn't use.
          if (opened instanceof Uint8Array) assert.deepEqual(opened, SECRET);
          else assert.ok(isDemecError(opened) && opened.code.startsWith("access/"), `${opened}`);
        }),
        { numRuns: 300 },
      );
      for (const junk of ["", "{", "{}", "[]", box.slice(1)]) {
        await refusedWith(["access/tampered-box"], opener.open(junk, CALLER));
      }
    });

    test("shows nothing of what is inside, and seals the same anew each time", async () => {
      const [{ reader }] = stage.providers;
      const again = await stage.sealer.seal(SECRET, CALLER, [reader]);
      assert.ok(!again.includes("hunter2") && !again.includes(Buffer.from(SECRET).toString("base64url")));
      assert.notEqual(again, await stage.sealer.seal(SECRET, CALLER, [reader]));
    });
  });
}
