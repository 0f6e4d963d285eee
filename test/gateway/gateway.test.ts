// Services as HTTP endpoints: open ones, gated ones, streams, bounds, and the document that describes them.
import assert from "node:assert/strict";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { prove } from "@demec/access";
import type { RunningGateway } from "@demec/gateway";
import { formatServiceName } from "@demec/protocol";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { TestAccount } from "../support/localMarket.ts";
import { BUDGET, memberGate, PAYMENT, type Stage, startStage } from "./stage.ts";

const PAGE = "https://shop.example";

let stage: Stage;
let gateway: RunningGateway;
let url: string;
let member: TestAccount;
before(async () => {
  stage = await startStage();
  const { shout, copy, printenv } = stage;
  member = await stage.market.account();
  gateway = await stage.gateway(
    [
      { service: copy, names: ["copy"], budget: BUDGET },
      { service: printenv, names: ["printenv"], budget: BUDGET },
      { service: shout, names: ["shout"], budget: BUDGET, gate: memberGate(member), payment: PAYMENT },
    ],
    { origins: [PAGE], limits: { bodyBytes: 100_000 }, metrics: { host: "127.0.0.1", port: 0 } },
  );
  url = gateway.url;
});
after(() => stage.stop());

const post = (path: string, body: BodyInit = "", headers: Record<string, string> = {}, at = url) =>
  fetch(`${at}${path}`, { method: "POST", body, headers });

async function problem(response: Response, status: number, code: string): Promise<Record<string, unknown>> {
  const body = (await response.json()) as Record<string, unknown>;
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.deepEqual([response.status, body.status, body.code], [status, status, code], JSON.stringify(body));
  return body;
}

/** Signs in at the edge as a wallet does. */
async function enter(account: TestAccount, at = url, domain = new URL(at).host): Promise<Response> {
  const body = JSON.stringify({ account: account.address });
  const challenge = await (await post("/v1/shout/access/challenge", body, {}, at)).text();
  const { market, shout } = stage;
  const audience = formatServiceName({ ...market.deployment, serviceId: shout.terms.serviceId });
  const wallet = market.wallet(account);
  const signed = { wallet, market: market.deployment, challenge, audience, provider: stage.account.address, domain };
  return post("/v1/shout/access/enter", await prove(signed), {}, at);
}

test("a body goes in, the function's output comes back, under the type that was asked for, with the receipt's facts", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(5_000));
  const response = await post("/v1/copy", bytes, { "content-type": "image/png", accept: "image/png" });
  assert.equal(response.status, 200);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
  const { headers } = response;
  assert.equal(headers.get("content-type"), "image/png");
  assert.equal(headers.get("demec-status"), "ok");
  assert.ok(BigInt(headers.get("demec-credits")!) > 0n);
  assert.match(headers.get("demec-usage")!, /^bitops=\d+, floatops=0, bytes=10000, duration-ms=\d+$/);
  const session = await stage.copy.session();
  assert.equal(headers.get("demec-session"), session.sessionId);
  assert.equal(headers.get("demec-provider"), session.params.provider);
  assert.match(headers.get("demec-receipt")!, /^0x[0-9a-f]{64}$/);
});

test("a service answers to its short name and to its CAIP-19 id, URL-encoded", async () => {
  for (const name of ["copy", encodeURIComponent(stage.copy.name)]) {
    assert.equal(await (await post(`/v1/${name}`, "hi")).text(), "hi");
  }
  await problem(await post("/v1/nobody"), 404, "gateway/not-found");
  await problem(await fetch(`${url}/v2`), 404, "gateway/not-found");
});

test("environment and arguments come from the query or a form, files from a form", async () => {
  const byQuery = await post("/v1/printenv?env.COLOUR=blue&env.SIZE=3");
  assert.equal(await byQuery.text(), "COLOUR=blue\0SIZE=3\0");
  const form = new FormData();
  form.set("env.COLOUR", "red");
  form.set("input", new Blob(["some input"]));
  form.append("arg", "one");
  form.append("file", new Blob(["a,b"]), "data/rates.csv");
  const byForm = await post("/v1/printenv", form);
  assert.equal(await byForm.text(), "COLOUR=red\0");
  const fed = "some inputCOLOURredonedata/rates.csva,b".length + "COLOUR=red\0".length;
  assert.match(byForm.headers.get("demec-usage")!, new RegExp(`bytes=${fed},`));
});

test("what a request can't mean is refused before anything is called", async () => {
  for (const query of ["colour=red", "stream=perhaps", "bitOps=-1", "deadlineMs=0", "deadlineMs=30001", "env.=x"]) {
    await problem(await post(`/v1/copy?${query}`), 400, "sdk/bad-request");
  }
  const notAForm = { "content-type": "multipart/form-data; boundary=x" };
  await problem(await post("/v1/copy", "nothing", notAForm), 400, "sdk/bad-request");
  const outside = new FormData();
  outside.append("file", new Blob(["x"]), "../etc/passwd");
  await problem(await post("/v1/copy", outside), 400, "protocol/bad-files");
  await problem(await post("/v1/copy", new Uint8Array(100_001)), 413, "gateway/body-too-large");
});

test("a problem's type is a path that says what to do about it", async () => {
  const { type } = await problem(await post("/v1/nobody"), 404, "gateway/not-found");
  const described = await fetch(new URL(String(type), url));
  assert.partialDeepStrictEqual(await described.json(), { code: "gateway/not-found", retryable: false });
});

test("a gated service opens to a token of this gate alone; the token is booked to its subject, and x402 need not be paid", async () => {
  const { token } = (await (await enter(member)).json()) as { token: string };
  const call = (bearer: string) => post("/v1/shout", "let me in", { authorization: `Bearer ${bearer}` });
  const answer = await call(token);
  assert.deepEqual([answer.status, await answer.text()], [200, "LET ME IN"]);
  await problem(await call(`${token.slice(0, -4)}AAAA`), 401, "access/bad-token");
  const stranger = await stage.market.account();
  await problem(await enter(stranger), 403, "access/refused");
  await problem(await post("/v1/shout", "no token"), 402, "gateway/payment-required");
  // Elsewhere a token of this gateway is none.
  const { shout } = stage;
  const elsewhere = await stage.gateway(
    [{ service: shout, names: ["shout"], budget: BUDGET, gate: memberGate(member) }],
    {
      tokenSeed: new Uint8Array(32).fill(0x6b),
    },
  );
  const foreign = await post("/v1/shout", "", { authorization: `Bearer ${token}` }, elsewhere.url);
  assert.equal(foreign.headers.get("www-authenticate"), "Bearer");
  await problem(foreign, 401, "access/bad-token");
  await problem(await post("/v1/shout", "", {}, elsewhere.url), 401, "access/required");
  await problem(await post("/v1/copy/access/challenge", "{}"), 404, "access/not-gated");
});

test("what an endpoint and each of its subjects may cost is reserved by the worst case before a call is made", async () => {
  const { shout } = stage;
  const worst = 30_000n;
  const budgets: [budget: { total: bigint; perSubject: bigint }, status: number][] = [
    [{ total: worst, perSubject: 100n }, 429],
    [{ total: 100n, perSubject: worst }, 503],
  ];
  const used = shout.invoke;
  shout.invoke = () => assert.fail("it was called");
  try {
    for (const [budget, status] of budgets) {
      const tight = await stage.gateway([{ service: shout, names: ["shout"], budget }]);
      await problem(await post("/v1/shout", "hi", {}, tight.url), status, "gateway/over-budget");
    }
  } finally {
    shout.invoke = used;
  }
  const one = await stage.gateway([{ service: shout, names: ["shout"], budget: { total: 400n, perSubject: 400n } }]);
  // What a call did not need is free again: a call may cost 120 at worst, and does cost next to nothing.
  for (let calls = 0; calls < 10; calls++) {
    const answer = await post("/v1/shout?bitOps=100000000", "hi", {}, one.url);
    assert.equal(answer.status, 200, await answer.text());
  }
});

test("output streams while the command runs, with its receipt in trailers", async () => {
  const input = "x".repeat(90_000);
  const answer = await rawPost("/v1/copy?stream=true", input);
  assert.equal(answer.headers["transfer-encoding"], "chunked");
  assert.equal(await text(answer), input);
  assert.equal(answer.trailers["demec-status"], "ok");
  assert.match(answer.trailers["demec-receipt"]!, /^0x[0-9a-f]{64}$/);
  await problem(await post("/v1/shout?stream=true", "x", await bearer()), 400, "wasm/wrong-shape");
});

test("a stream is held back by its reader, and taken back when the reader leaves", async () => {
  const { copy } = stage;
  const size = 8 << 20;
  const wide = await stage.gateway([{ service: copy, names: ["copy"], budget: BUDGET }], {
    limits: { bodyBytes: size },
  });
  const results: Promise<unknown>[] = [];
  const stream = copy.stream.bind(copy);
  copy.stream = (input, options) => {
    const output = stream(input, options);
    results.push(output.result);
    return output;
  };
  try {
    const answer = await rawPost("/v1/copy?stream=true", "y".repeat(size), wide.url);
    answer.once("error", () => undefined);
    const [result] = results;
    const early = await Promise.race([result, sleep(300).then(() => "held back")]);
    assert.equal(early, "held back");
    answer.destroy();
    await assert.rejects(result!);
  } finally {
    copy.stream = stream;
  }
  assert.equal(await (await post("/v1/copy", "next")).text(), "next");
  // Nor does one count for ever that is left at any other moment.
  for (let delayMs = 0; delayMs < 40; delayMs += 4) {
    const asked = request(`${wide.url}/v1/copy?stream=true`, { method: "POST" });
    asked.once("error", () => undefined);
    asked.end("z".repeat(100_000));
    await sleep(delayMs);
    asked.destroy();
  }
  assert.equal(await wide.drain(5_000), 0);
});

test("pages call only from origins that are named, and read what is told of a call", async () => {
  await problem(await post("/v1/copy", "hi", { origin: "https://evil.example" }), 403, "gateway/foreign-origin");
  const allowed = await post("/v1/copy", "hi", { origin: PAGE });
  assert.equal(allowed.headers.get("access-control-allow-origin"), PAGE);
  assert.match(allowed.headers.get("access-control-expose-headers")!, /PAYMENT-REQUIRED/);
});

test("its OpenAPI document is valid by the schema of 3.1, and names each service with who may call it", async () => {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as never;
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, "3.1");
  const { paths } = document as { paths: Record<string, { post: { security: object[]; responses: object } }> };
  assert.deepEqual(Object.keys(paths), ["/v1/copy", "/v1/printenv", "/v1/shout"]);
  assert.deepEqual(paths["/v1/shout"]!.post.security, [{ token: [] }, { x402: [] }]);
  assert.deepEqual(paths["/v1/copy"]!.post.security, [{}]);
});

test("schemas of a function stand in the document, and its output is JSON", async () => {
  const { copy } = stage;
  const point = { type: "object", properties: { x: { type: "number" } }, required: ["x"] };
  const endpoint = { service: copy, names: ["copy"], budget: BUDGET, schemas: { input: point, output: point } };
  const { url: at } = await stage.gateway([endpoint]);
  const document = (await (await fetch(`${at}/openapi.json`)).json()) as never;
  const { valid, errors } = await new Validator().validate(document);
  assert.ok(valid, JSON.stringify(errors));
  const { post: operation } = (document as { paths: Record<string, { post: object }> }).paths["/v1/copy"]!;
  const json = { "application/json": { schema: point } };
  assert.partialDeepStrictEqual(operation, { requestBody: { content: json }, responses: { 200: { content: json } } });
  const answer = await post("/v1/copy", '{"x":1}', {}, at);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.deepEqual(await answer.json(), { x: 1 });
});

test("metrics count requests by service and status, and health says what is well", async () => {
  const metrics = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  assert.match(metrics, /demec_gateway_requests_total\{service="copy",status="200"\} \d+/);
  assert.match(metrics, /demec_gateway_request_seconds_count\{service="copy"\} \d+/);
  const ready = await fetch(`${gateway.metricsUrl}/readyz`);
  assert.partialDeepStrictEqual(await ready.json(), {
    ok: true,
    parts: { chain: { ok: true }, serving: { ok: true } },
  });
});

test("draining lets the call under way end, and takes no other", async () => {
  const { copy } = stage;
  const draining = await stage.gateway([{ service: copy, names: ["copy"], budget: BUDGET }]);
  const invoke = copy.invoke.bind(copy);
  let drained: Promise<number> | undefined;
  copy.invoke = async (...call) => {
    drained = draining.drain(10_000);
    await problem(await post("/v1/copy", "late", {}, draining.url), 503, "gateway/busy");
    return invoke(...call);
  };
  try {
    assert.equal(await (await post("/v1/copy", "last", {}, draining.url)).text(), "last");
    assert.equal(await drained, 0);
  } finally {
    copy.invoke = invoke;
  }
});

const bearer = async () => ({
  authorization: `Bearer ${((await (await enter(member)).json()) as { token: string }).token}`,
});

/** `fetch` hides trailers. */
function rawPost(path: string, body: string, at = url): Promise<import("node:http").IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(`${at}${path}`, { method: "POST" }, resolve);
    asked.once("error", reject);
    asked.end(body);
  });
}
