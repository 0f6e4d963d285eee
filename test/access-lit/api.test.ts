// Lit's REST API: what the action decides, what the API's keeper sees of secrets, and what becomes of its failures.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { litActionCode, litApi } from "@demec/access-lit";
import { base64url, decodeProtectedHeader } from "jose";
import { privateKeyToAccount } from "viem/accounts";
import { type Members, startMembers } from "../access/stage.ts";
import { testKey } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";
import { startApi } from "./backends.ts";
import { testDecisions } from "./decisions.ts";
import { PKP_ID } from "./litApiServer.ts";
import { serveJson } from "./serveJson.ts";

describe("what an action in Lit decides", () => testDecisions(startApi));

describe("Lit's REST API", () => {
  let stage: Members;
  let lit: Awaited<ReturnType<typeof startApi>>;
  before(async () => {
    stage = await startMembers();
    lit = await startApi(stage.market);
  });
  after(async () => {
    await lit.stop();
    await stage.market.connection.close();
  });

  const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
  const caller = {
    audience: "eip155:31337/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/1",
    subject: ACCOUNT,
  } as const;
  const secret = new TextEncoder().encode("hunter2 hunter2");
  const owner = () => stage.owner.account.address;
  const reader = () => ({ owner: owner(), nodeKey: `0x${"11".repeat(32)}` }) as const;
  const member = () => ({ account: stage.member.account.address, serviceId: stage.serviceId, provider: owner() });
  const account = privateKeyToAccount(testKey(1));

  test("is given a key of 32 bytes, never what is sealed with it", async () => {
    const before = lit.api.seen.length;
    const backend = lit.backend(1);
    const box = await backend.sealer.seal(secret, caller, [reader()]);
    assert.deepEqual(await backend.opener(owner()).open(box, caller), secret);
    const [sealing, ...more] = lit.api.seen.slice(before) as { operation: string; key: string }[];
    assert.equal(sealing!.operation, "seal");
    assert.equal(base64url.decode(sealing!.key).length, 32);
    const text = JSON.stringify([sealing, ...more]);
    for (const form of ["hunter2", base64url.encode(secret)]) assert.ok(!text.includes(form));
  });

  test("an action that differs by a letter may not use the key", async () => {
    const backend = lit.backend(1);
    const box = await backend.sealer.seal(secret, caller, [reader()]);
    const other = litApi({ ...lit.options, rpcUrl: `${lit.options.rpcUrl}/`, account });
    await refusedWith("access/tampered-box", other.opener(owner()).open(box, caller));
    await refusedWith("lit/unavailable", other.sealer.seal(secret, caller, [reader()]));
  });

  test("a request to open counts for its key, its provider and its time", async () => {
    const backend = lit.backend(1);
    const keyOf = async () =>
      decodeProtectedHeader(await backend.sealer.seal(secret, caller, [reader()])).key as string;
    const [key, otherKey] = [await keyOf(), await keyOf()];
    const now = Math.floor(Date.now() / 1000);
    /** As somebody makes it who has read what a request is. */
    const ask = async (
      changes: Partial<{ key: string; expiry: number; signedKey: string; signedExpiry: number }> = {},
    ) => {
      const request = { key, expiry: now + 60, ...changes };
      const { signedKey = request.key, signedExpiry = request.expiry } = request;
      const provider = owner().toLowerCase();
      const message = `Open a sealed key of deMEC.\nProvider: ${provider}\nUntil: ${signedExpiry}\nKey: ${signedKey}`;
      const signature = await account.signMessage({ message });
      const params = { operation: "open", pkpId: PKP_ID, owner: provider, signature, ...request };
      const answer = await fetch(`${lit.api.url}/core/v1/lit_action`, {
        method: "POST",
        headers: { "X-Api-Key": lit.options.apiKey },
        body: JSON.stringify({ code: litActionCode(lit.options), js_params: params }),
      });
      return Object.keys((await answer.json()).response)[0];
    };
    assert.equal(await ask(), "key");
    assert.equal(await ask({ signedKey: otherKey }), "refused");
    assert.equal(await ask({ signedExpiry: now + 61 }), "refused");
    assert.equal(await ask({ expiry: now - 1 }), "refused");
    assert.equal(await ask({ expiry: now + 86_400 }), "refused");
  });

  test("an API key that it doesn't know is refused, and stands in no error", async () => {
    const apiKey = "a-key-that-nobody-knows";
    const { oracle } = litApi({ ...lit.options, apiKey });
    await assert.rejects(oracle(stage.condition, member()), (error: Error & { code?: string }) => {
      assert.equal(error.code, "lit/refused");
      assert.ok(!inspect(error, { depth: null, showHidden: true }).includes(apiKey));
      return true;
    });
  });

  test("whatever else it answers says nothing about anybody: not who is let in, nor who is not", async () => {
    const { oracle } = lit.backend(1);
    const answers = [
      ...[429, 500, 503].map((status) => ({ status, body: {} })),
      ...[null, {}, [], "x", { response: "" }, { response: {} }, { response: { holds: "true" } }].map((body) => ({
        status: 200,
        body,
      })),
      { status: 200, body: { response: { holds: true }, has_error: true } },
    ];
    for (const answer of answers) {
      lit.api.break(answer);
      await refusedWith("lit/unavailable", oracle(stage.condition, member()));
    }
    lit.api.break({ status: 200, body: { response: '{"holds":false}' } });
    assert.equal(await oracle(stage.condition, member()), false);
    assert.equal(await oracle(stage.condition, member()), true);
  });

  test("no answer, a redirection and a chain that the action can't reach say nothing either", async () => {
    const gone = litApi({ ...lit.options, url: "http://127.0.0.1:1" });
    await refusedWith("lit/unavailable", gone.oracle(stage.condition, member()));
    const slow = await serveJson(() => new Promise(() => undefined));
    const waiting = litApi({ ...lit.options, url: slow.url, timeoutMs: 200 });
    await refusedWith("lit/unavailable", waiting.oracle(stage.condition, member()));
    await slow.stop();
    const chainless = litApi({ ...lit.options, rpcUrl: "http://127.0.0.1:1" });
    await refusedWith("lit/unavailable", chainless.oracle(stage.condition, member()));
    const busy = await serveJson(async () => ({
      body: { jsonrpc: "2.0", id: 1, error: { code: -32_005, message: "limit" } },
    }));
    await refusedWith(
      "lit/unavailable",
      litApi({ ...lit.options, rpcUrl: busy.url }).oracle(stage.condition, member()),
    );
    await busy.stop();
    const elsewhere = createServer((_request, response) => {
      response.writeHead(307, { location: `${lit.api.url}/core/v1/lit_action` }).end();
    });
    await once(elsewhere.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await refusedWith("lit/unavailable", litApi({ ...lit.options, url }).oracle(stage.condition, member()));
    elsewhere.closeAllConnections();
    elsewhere.close();
  });
});
