import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { SessionMessage } from "@demec/protocol";
import type { Effect } from "./effects.ts";
import { EffectPump } from "./pump.ts";
import { SESSION_ID } from "./testing/fixtures.ts";
import { SimJournal } from "./testing/simJournal.ts";

const persist = (callId: number): Effect => ({ type: "persist", record: { type: "fault", callId } });
const alone = (callId: number): Effect => ({ type: "persist", record: { type: "fault", callId }, alone: true });
const note = (callId: number): Effect => ({ type: "note", record: { type: "fault", callId } });
const cancel = (callId: number): Effect => ({ type: "send", message: { type: "cancel", callId } });
const fault = (callId: number): Effect => ({
  type: "send",
  message: { type: "fault", callId, code: "", message: "", breach: false },
});
const resolve = (callId: number): Effect => ({
  type: "resolve",
  callId,
  outcome: { type: "fault", code: "", message: "", breach: false },
});

function newPump() {
  const journal = new SimJournal();
  const done: string[] = [];
  const pump = new EffectPump({
    sessionId: SESSION_ID,
    journal,
    send: (message: SessionMessage) => done.push(`${message.type} ${(message as { callId: number }).callId}`),
    resolve: ({ callId }) => done.push(`resolve ${callId}`),
    execute: ({ callId }) => done.push(`execute ${callId}`),
    failed: (error) => done.push(error.code),
  });
  const commit = async () => {
    journal.commit();
    await turn();
  };
  return { journal, pump, done, commit };
}

test("without anything to persist, effects are performed at once", () => {
  const { pump, done } = newPump();
  pump.run([cancel(1), resolve(1)]);
  assert.deepEqual(done, ["cancel 1", "resolve 1"]);
});

test("what follows a persist waits until it is durable, in this array and in later ones, in order", async () => {
  const { pump, done, commit } = newPump();
  pump.run([cancel(1), persist(1), cancel(2)]);
  pump.run([cancel(3), persist(2), cancel(4)]);
  pump.run([cancel(5)]);
  assert.deepEqual(done, ["cancel 1"]);
  await commit();
  assert.deepEqual(done, ["cancel 1", "cancel 2", "cancel 3"]);
  await commit();
  assert.deepEqual(done, ["cancel 1", "cancel 2", "cancel 3", "cancel 4", "cancel 5"]);
});

test("answers to calls wait for no persist", async () => {
  const { pump, done } = newPump();
  pump.run([persist(1), cancel(1)]);
  pump.run([resolve(2), fault(3), cancel(4)]);
  assert.deepEqual(done, ["resolve 2", "fault 3"]);
});

test("a persist that stands alone holds back the rest of its array only", async () => {
  const { pump, done, commit } = newPump();
  pump.run([alone(1), cancel(1)]);
  pump.run([cancel(2)]);
  assert.deepEqual(done, ["cancel 2"]);
  await commit();
  assert.deepEqual(done, ["cancel 2", "cancel 1"]);
});

test("appends start at once and in order, notes with what follows them, so that the journal can group them", async () => {
  const { pump, journal, commit } = newPump();
  pump.run([note(1), persist(2), cancel(1), persist(3)]);
  pump.run([note(4), alone(5), note(6)]);
  pump.run([note(7), note(8)]);
  assert.equal(journal.pending, 3);
  await turn();
  assert.equal(journal.pending, 4);
  while (journal.pending > 0) await commit();
  assert.deepEqual(
    journal.durable.map((record) => (record as { callId: number }).callId),
    [1, 2, 3, 4, 5, 7, 8, 6],
  );
});

test("what waits to be sent when the connection breaks is dropped; everything else is done", async () => {
  const { pump, done, commit } = newPump();
  pump.run([
    persist(1),
    cancel(1),
    { type: "execute", callId: 2, request: {} as never, deadlineMs: 1, streamed: false },
  ]);
  pump.run([alone(2), cancel(3)]);
  pump.detach();
  pump.run([cancel(4)]);
  await commit();
  await commit();
  assert.deepEqual(done, ["execute 2", "cancel 4"]);
});

test("what a handler adds comes after all that was there before, behind a gate too", async () => {
  const done: string[] = [];
  const journal = new SimJournal();
  const pump: EffectPump = new EffectPump({
    sessionId: SESSION_ID,
    journal,
    send: (message) => done.push(message.type),
    resolve: () => pump.run([{ type: "send", message: { type: "closeRequest" } }]),
    cosigned: () => pump.run([{ type: "send", message: { type: "closeRequest" } }]),
    failed: (error) => assert.fail(error),
  });
  pump.run([resolve(1), cancel(1)]);
  assert.deepEqual(done.splice(0), ["cancel", "closeRequest"]);
  pump.run([persist(1), { type: "cosigned", state: {} as never }, cancel(1)]);
  journal.commit();
  await turn();
  assert.deepEqual(done, ["cancel", "closeRequest"]);
});

test("flush waits for all that was run", async () => {
  const { pump, journal, done } = newPump();
  pump.run([persist(1), cancel(1), note(2)]);
  const flushed = pump.flush().then(() => done.push("flushed"));
  journal.commit();
  await turn();
  assert.deepEqual(done, ["cancel 1"]);
  journal.commit();
  await flushed;
  assert.deepEqual(done, ["cancel 1", "flushed"]);
});

test("when the journal fails, nothing that waited for it is done, and nothing after it", async () => {
  const done: string[] = [];
  const pump = new EffectPump({
    sessionId: SESSION_ID,
    journal: Object.assign(new SimJournal(), { append: () => Promise.reject(new Error("no space left")) }),
    send: ({ type }) => done.push(type),
    failed: (error) => done.push(error.code),
  });
  pump.run([cancel(1), persist(1), cancel(2)]);
  await pump.flush();
  pump.run([cancel(3)]);
  assert.deepEqual(done, ["cancel", "session/journal-failed"]);
  assert.ok(pump.failed);
});
