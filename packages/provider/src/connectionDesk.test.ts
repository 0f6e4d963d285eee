import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connectionPair } from "@demec/network/testing";
import { type Attach, DemecError, type SessionFrame } from "@demec/protocol";
import { type ConnectionDeskOptions, serveConnection } from "./connectionDesk.ts";
import { BUYER, hosted, Inbox, invokeOf, SESSION_ID } from "./testing/hosted.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const NOTHING = { full: null, half: null };
const attachOf = (handle: number): Attach => ({
  type: "attach",
  handle,
  sessionId: SESSION_ID,
  signature: `0x${"00".repeat(65)}`,
  newest: NOTHING,
});

async function served(t: TestContext, options: Partial<ConnectionDeskOptions>) {
  const [buyer, provider] = await connectionPair();
  t.after(() => Promise.all([buyer.close(), provider.close()]));
  const inbox = new Inbox();
  buyer.onMessage(inbox.put);
  serveConnection(provider, {
    signOffer: () => assert.fail("no offer was asked for"),
    answerAccess: () => assert.fail("nobody asked for access"),
    hostSession: async () => hosted().session,
    mayAsk: () => true,
    onAttachment: () => {},
    onAnswer: () => {},
    logger: silent,
    now: () => performance.now(),
    ...options,
  });
  return { buyer, provider, inbox };
}

test("a handle in use is refused and goes on being what it was, while it attaches and after", async (t) => {
  const { session } = hosted();
  const admission = Promise.withResolvers<void>();
  let hosting = 0;
  const hostSession = async () => {
    hosting++;
    await admission.promise;
    return session;
  };
  const { buyer, inbox } = await served(t, { hostSession });
  buyer.send(attachOf(1));
  buyer.send(attachOf(1));
  assert.partialDeepStrictEqual(await inbox.next("refuse"), {
    regarding: "attach",
    id: 1,
    code: "provider/bad-handle",
  });
  buyer.send(attachOf(1));
  await inbox.next("refuse");
  admission.resolve();
  await inbox.next("attached");
  buyer.send(attachOf(1));
  await inbox.next("refuse");
  assert.equal(hosting, 1);
  buyer.send({ type: "session", handle: 1, message: invokeOf(1, "x") });
  assert.equal((await inbox.nextMessage()).type, "result");
});

test("a connection attaches 64 sessions at most", async (t) => {
  const { buyer, inbox } = await served(t, {});
  for (let handle = 0; handle <= 64; handle++) buyer.send(attachOf(handle));
  assert.partialDeepStrictEqual(await inbox.next("refuse"), { id: 64, code: "provider/bad-handle" });
  for (let i = 0; i < 64; i++) await inbox.next("attached");
});

test("a refused attachment frees its handle", async (t) => {
  let attempts = 0;
  const { buyer, inbox } = await served(t, {
    hostSession: async () => {
      if (++attempts === 1) throw new DemecError("provider/session-too-shallow", "Session is 0 of 1 blocks deep.");
      return hosted().session;
    },
  });
  buyer.send(attachOf(5));
  assert.equal((await inbox.next("refuse")).code, "provider/session-too-shallow");
  buyer.send(attachOf(5));
  await inbox.next("attached");
});

test("a flood of requests is refused beyond its allowance, without more work, and the connection lives on", async (t) => {
  let nowMs = 0;
  let hosting = 0;
  const { buyer, inbox } = await served(t, {
    now: () => nowMs,
    hostSession: async () => {
      hosting++;
      throw new DemecError("chain/unknown-session", "No such session.");
    },
  });
  for (let handle = 0; handle < 1_000; handle++) buyer.send(attachOf(handle));
  const codes = [];
  for (let i = 0; i < 1_000; i++) codes.push((await inbox.next("refuse")).code);
  assert.ok(hosting <= 128, `${hosting} admissions`);
  assert.equal(codes.filter((code) => code === "provider/too-many-requests").length, 1_000 - 128);
  nowMs += 1_000;
  buyer.send(attachOf(7));
  assert.equal((await inbox.next("refuse")).code, "chain/unknown-session");
});

test("a stranger learns the code of an error that was made for it, and nothing of any other; the log does", async (t) => {
  const logged: unknown[] = [];
  const { buyer, inbox } = await served(t, {
    hostSession: () => Promise.reject(new Error("ECONNREFUSED 10.0.0.7:8545")),
    signOffer: () => {
      throw new DemecError("provider/at-capacity", "All 3 sessions are taken.");
    },
    logger: { ...silent, error: ({ error }) => void logged.push(error) },
  });
  buyer.send(attachOf(1));
  const refusal = await inbox.next("refuse");
  assert.equal(refusal.code, "provider/internal");
  assert.ok(!refusal.message.includes("10.0.0.7"));
  assert.match(String(logged[0]), /10\.0\.0\.7/);
  buyer.send({ type: "offerRequest", requestId: 9, serviceId: 1n, buyer: `0x${"0e".repeat(20)}`, credits: 1n });
  assert.partialDeepStrictEqual(await inbox.next("refuse"), {
    regarding: "offer",
    id: 9,
    code: "provider/at-capacity",
  });
});

test("who is not attached is not heard, and a connection that ends is detached, even while it attaches", async (t) => {
  const { session } = hosted();
  const admission = Promise.withResolvers<void>();
  const { buyer, provider } = await served(t, {
    hostSession: async () => {
      await admission.promise;
      return session;
    },
  });
  const unheard: SessionFrame = { type: "session", handle: 3, message: invokeOf(1, "x") };
  buyer.send(unheard);
  buyer.send(attachOf(3));
  buyer.send(unheard);
  await buyer.close();
  await provider.closed;
  admission.resolve();
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!session.attached);
  assert.equal(session.engine.inFlight, 0);
});

test("a session that ends while its connection lives is told to its buyer, and frees its handle", async (t) => {
  const sessions = [hosted().session, hosted().session];
  const { buyer, inbox } = await served(t, { hostSession: async () => sessions[0]! });
  buyer.send(attachOf(1));
  await inbox.next("attached");
  sessions.shift()!.end();
  assert.partialDeepStrictEqual(await inbox.next("refuse"), { id: 1, code: "provider/session-not-open" });
  buyer.send(attachOf(1));
  await inbox.next("attached");
});

test("who may not ask gets no offer and no look at the chain, and is told so", async (t) => {
  const answers: (string | null)[] = [];
  const { buyer, inbox } = await served(t, {
    mayAsk: () => false,
    hostSession: () => assert.fail("the chain was asked"),
    onAnswer: (_regarding, code) => answers.push(code),
  });
  buyer.send({ type: "offerRequest", requestId: 1, serviceId: 1n, buyer: BUYER, credits: 1n });
  buyer.send(attachOf(1));
  assert.equal((await inbox.next("refuse")).code, "provider/too-many-requests");
  assert.equal((await inbox.next("refuse")).code, "provider/too-many-requests");
  assert.deepEqual(answers, ["provider/too-many-requests", "provider/too-many-requests"]);
});

test("a connection that goes on talking to nobody is ended", async (t) => {
  const { buyer } = await served(t, {});
  for (let callId = 1; callId <= 1_024; callId++) {
    buyer.send({ type: "session", handle: 1, message: invokeOf(callId, "x") });
  }
  const { code, byPeer } = await buyer.closed;
  assert.deepEqual([code, byPeer], ["provider/too-many-requests", true]);
});

test("a connection counts as attached from its first session to the end of its last", async (t) => {
  const heard: boolean[] = [];
  const sessions = [hosted().session, hosted().session];
  const rest = [...sessions];
  const { buyer, inbox } = await served(t, {
    hostSession: async () => rest.shift()!,
    onAttachment: (attached) => heard.push(attached),
  });
  for (const handle of [1, 2]) {
    buyer.send(attachOf(handle));
    await inbox.next("attached");
  }
  assert.deepEqual(heard, [true]);
  for (const session of sessions) session.end();
  assert.deepEqual(heard, [true, false]);
});
