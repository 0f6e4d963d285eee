import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionMessage } from "@demec/protocol";
import { MemoryJournal } from "@demec/session";
import { echo, hosted, invokeOf } from "./testing/hosted.ts";

const NOTHING = { full: null, half: null };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function line() {
  const sent: SessionMessage[] = [];
  return { sent, send: (message: SessionMessage) => void sent.push(message), replies: 0 };
}

async function attach(session: ReturnType<typeof hosted>["session"], to = line()) {
  await session.attach(NOTHING, () => to.replies++, to.send);
  return to;
}

test("a newer connection replaces an older one, which is neither heard nor able to detach it", async () => {
  const { session } = hosted();
  const old = await attach(session);
  const newer = await attach(session);
  session.receive(invokeOf(1, "from the old"), old.send);
  session.detach(old.send);
  await turn();
  assert.equal(session.engine.inFlight, 0);
  assert.ok(session.attached);
  session.receive(invokeOf(1, "from the new"), newer.send);
  await turn();
  assert.deepEqual([old.sent.length, newer.sent.map(({ type }) => type)], [0, ["result"]]);
  session.detach(newer.send);
  assert.ok(!session.attached);
});

test("attachments at the same time take place one after the other, and the last one is the session's", async () => {
  const journal = new MemoryJournal();
  const { session } = hosted({ journal });
  const lines = await Promise.all([attach(session), attach(session), attach(session)]);
  session.receive(invokeOf(1, "x"), lines[2]!.send);
  await turn();
  assert.deepEqual(
    lines.map(({ replies, sent }) => [replies, sent.length]),
    [
      [1, 0],
      [1, 0],
      [1, 1],
    ],
  );
});

test("a retired session takes no attachment, and what it was running is no breach", async () => {
  let end = (_: unknown) => {};
  const { session } = hosted({
    executor: {
      run: () =>
        new Promise<never>((_, reject) => {
          end = reject;
        }),
    },
  });
  const { send, sent } = await attach(session);
  session.receive(invokeOf(1, "x"), send);
  await turn();
  session.retire();
  end(new Error("the executor was closed"));
  await turn();
  assert.deepEqual(sent, []);
  assert.equal(session.engine.inFlight, 1, "forgotten, not ended");
  await assert.rejects(attach(session), { code: "provider/session-not-open" });
});

test("a failure of the host is a breach; a call refused for its own sake is not", async () => {
  const { session } = hosted({ executor: { run: () => Promise.reject(new Error("disk on fire")) } });
  const { send, sent } = await attach(session);
  session.receive(invokeOf(1, "x"), send);
  await turn();
  assert.partialDeepStrictEqual(sent, [{ type: "fault", callId: 1, code: "executor/host-failure", breach: true }]);
  assert.ok(!JSON.stringify(sent).includes("disk on fire"), "a stranger learns nothing of the host");
});

test("once the journal fails, the session says so, once, and serves no more", async () => {
  class BrokenJournal extends MemoryJournal {
    override append(): Promise<void> {
      return Promise.reject(new Error("no space left"));
    }
  }
  const { session, happened } = hosted({ journal: new BrokenJournal() });
  const { send } = await attach(session);
  session.receive(invokeOf(1, "x"), send);
  await turn();
  session.receive({ type: "ack", callId: 1, latencyMs: 1, pingMs: 1, breached: false }, send);
  await session.settled();
  assert.equal(happened.broken.length, 1);
  assert.ok(!session.attached);
  await assert.rejects(attach(session), { code: "provider/session-not-open" });
});

test("it knows how long its buyer has been away", async () => {
  let nowMs = 0;
  const { session } = hosted({ now: () => nowMs, executor: echo });
  nowMs = 50;
  assert.equal(session.idleMs, 50);
  const { send } = await attach(session);
  nowMs = 500;
  assert.equal(session.idleMs, 0);
  session.detach(send);
  nowMs = 600;
  assert.equal(session.idleMs, 100);
});
