import assert from "node:assert/strict";
import { test } from "node:test";
import type { DemecError, SessionMessage } from "@demec/protocol";
import { MemoryJournal } from "@demec/session";
import type { BuyerLine, HostedSession } from "./hostedSession.ts";
import { echo, hosted, invokeOf } from "./testing/hosted.ts";

const NOTHING = { full: null, half: null };
const turn = () => new Promise((resolve) => setImmediate(resolve));

class Line implements BuyerLine {
  readonly sources = [];
  readonly sent: SessionMessage[] = [];
  readonly ends: string[] = [];
  replies = 0;
  readonly attached = () => void this.replies++;
  readonly send = (message: SessionMessage) => void this.sent.push(message);
  readonly openOutput = () => assert.fail("nothing is streamed");
  readonly detached = () => {};
  readonly ended = ({ code }: DemecError) => void this.ends.push(code);
}

async function attach(session: HostedSession, line = new Line()): Promise<Line> {
  await session.attach(NOTHING, line);
  return line;
}

test("a newer connection replaces an older one, which is neither heard nor able to detach it", async () => {
  const { session } = hosted();
  const old = await attach(session);
  const newer = await attach(session);
  session.receive(invokeOf(1, "from the old"), old);
  session.detach(old);
  await turn();
  assert.equal(session.engine.inFlight, 0);
  assert.ok(session.attached);
  session.receive(invokeOf(1, "from the new"), newer);
  await turn();
  assert.deepEqual([old.sent.length, newer.sent.map(({ type }) => type)], [0, ["result"]]);
  session.detach(newer);
  assert.ok(!session.attached);
});

test("attachments at the same time take place one after the other, and the last one is the session's", async () => {
  const journal = new MemoryJournal();
  const { session } = hosted({ journal });
  const lines = await Promise.all([attach(session), attach(session), attach(session)]);
  session.receive(invokeOf(1, "x"), lines[2]!);
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
  const line = await attach(session);
  session.receive(invokeOf(1, "x"), line);
  await turn();
  session.retire();
  end(new Error("the executor was closed"));
  await turn();
  assert.deepEqual([line.sent, line.ends], [[], []]);
  assert.equal(session.engine.inFlight, 1, "forgotten, not ended");
  await assert.rejects(attach(session), { code: "provider/session-not-open" });
});

test("a failure of the host is a breach; a call refused for its own sake is not", async () => {
  const { session } = hosted({ executor: { run: () => Promise.reject(new Error("disk on fire")) } });
  const line = await attach(session);
  session.receive(invokeOf(1, "x"), line);
  await turn();
  assert.partialDeepStrictEqual(line.sent, [{ type: "fault", callId: 1, code: "executor/host-failure", breach: true }]);
  assert.ok(!JSON.stringify(line.sent).includes("disk on fire"), "a stranger learns nothing of the host");
});

test("once the journal fails, the session says so, once, and serves no more", async () => {
  class BrokenJournal extends MemoryJournal {
    override append(): Promise<void> {
      return Promise.reject(new Error("no space left"));
    }
  }
  const { session, happened } = hosted({ journal: new BrokenJournal() });
  const line = await attach(session);
  session.receive(invokeOf(1, "x"), line);
  await turn();
  session.receive({ type: "ack", callId: 1, latencyMs: 1, pingMs: 1, breached: false }, line);
  await session.settled();
  assert.equal(happened.broken.length, 1);
  assert.deepEqual(line.ends, ["provider/session-not-open"]);
  assert.ok(!session.attached);
  await assert.rejects(attach(session), { code: "provider/session-not-open" });
});

test("it knows how long its buyer has been away", async () => {
  let nowMs = 0;
  const { session } = hosted({ now: () => nowMs, executor: echo });
  nowMs = 50;
  assert.equal(session.idleMs, 50);
  const line = await attach(session);
  nowMs = 500;
  assert.equal(session.idleMs, 0);
  session.detach(line);
  nowMs = 600;
  assert.equal(session.idleMs, 100);
});

test("a draining session answers what runs and takes nothing new, and is quiet once it is signed for", async () => {
  const release = Promise.withResolvers<void>();
  const slowEcho: typeof echo = {
    run: async (call) => {
      await release.promise;
      return echo.run(call);
    },
  };
  let nowMs = 0;
  const { session } = hosted({ executor: slowEcho, now: () => nowMs });
  const line = await attach(session);
  assert.ok(session.quiet);
  session.receive(invokeOf(1, "before"), line);
  session.drain();
  session.receive(invokeOf(2, "after"), line);
  assert.ok(!session.quiet);
  release.resolve();
  await turn();
  assert.deepEqual(
    line.sent.map(({ type }) => type),
    ["result"],
  );
  nowMs = 1;
  session.receive({ type: "ack", callId: 1, latencyMs: 0, pingMs: 0, breached: false }, line);
  assert.ok(!session.quiet, "nobody has signed for it");
  session.tick();
  await session.settled();
  assert.deepEqual(
    line.sent.map(({ type }) => type),
    ["result", "propose"],
    "without waiting for company",
  );
  session.detach(line);
  assert.ok(session.quiet, "without the buyer there is no signature to wait for");
});
