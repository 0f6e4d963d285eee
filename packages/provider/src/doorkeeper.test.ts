import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "@demec/protocol";
import { Doorkeeper, type StrangerPolicy } from "./doorkeeper.ts";

const POLICY: StrangerPolicy = {
  ...{ maxConnections: 3, maxConnectionsPerHost: 2, idleMs: 1_000 },
  ...{ connectionsPerSecond: 2, connectionBurst: 4, requestsPerSecond: 1, requestBurst: 2 },
};
const key = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

class FakeDoor {
  readonly remotePublicKey: Hex;
  readonly remoteHost: string;
  readonly #ended = Promise.withResolvers<{ code: string; message: string; byPeer: boolean }>();
  readonly closed = this.#ended.promise;
  code: string | undefined;
  constructor(n: number, host = `192.0.2.${n}`) {
    this.remotePublicKey = key(n);
    this.remoteHost = host;
  }
  async close(code = ""): Promise<void> {
    this.code = code;
    this.#ended.resolve({ code, message: "", byPeer: false });
  }
}

function doorkeeper() {
  const clock = { ms: 0 };
  return { clock, door: new Doorkeeper(POLICY, () => clock.ms) };
}

test("strangers share one allowance of connections, however many keys they make up; who attached once passes", () => {
  const { clock, door } = doorkeeper();
  door.welcome(new FakeDoor(7));
  const passed = Array.from({ length: 100 }, (_, n) => door.mayConnect(key(1000 + n), null)).filter(Boolean).length;
  assert.deepEqual([passed, door.turnedAway], [4, 96]);
  assert.ok(door.mayConnect(key(7), null));
  clock.ms += 1_000;
  assert.equal(Array.from({ length: 100 }, (_, n) => door.mayConnect(key(n + 2000), null)).filter(Boolean).length, 2);
});

test("strangers share one allowance of requests; a regular has none", () => {
  const { door } = doorkeeper();
  door.welcome(new FakeDoor(7));
  assert.deepEqual(
    [1, 2, 3].map((n) => door.mayAsk(key(n))),
    [true, true, false],
  );
  assert.ok(door.mayAsk(key(7)));
});

test("one stranger too many costs the oldest its place, and no connection with a session", async () => {
  const { door } = doorkeeper();
  const doors = [0, 1, 2, 3].map((n) => new FakeDoor(n));
  door.strange(doors[0]!);
  door.welcome(doors[0]!);
  for (const other of doors.slice(1)) door.strange(other);
  assert.equal(door.strangers, 3);
  const late = new FakeDoor(4);
  door.strange(late);
  assert.deepEqual(
    doors.map(({ code }) => code),
    [undefined, "provider/no-session", undefined, undefined],
  );
  assert.deepEqual([door.strangers, door.shownOut, late.code], [3, 1, undefined]);
  await late.close();
  await late.closed;
  assert.equal(door.strangers, 2);
});

test("a connection is shown out when it has had no session for too long, counted from when it lost its last", () => {
  const { clock, door } = doorkeeper();
  const [never, lost] = [new FakeDoor(1), new FakeDoor(2)];
  door.strange(never);
  door.strange(lost);
  door.welcome(lost);
  clock.ms = 900;
  door.strange(lost);
  clock.ms = 1_001;
  door.sweep();
  assert.deepEqual([never.code, lost.code], ["provider/no-session", undefined]);
  clock.ms = 1_901;
  door.sweep();
  assert.equal(lost.code, "provider/no-session");
});

test("an address has its share of strangers' connections, until one of them ends or pays; regulars are not counted", async () => {
  const { door } = doorkeeper();
  const from = (n: number) => door.mayConnect(key(n), "192.0.2.1");
  const [one, two] = [new FakeDoor(1, "192.0.2.1"), new FakeDoor(2, "192.0.2.1")];
  assert.ok(from(1));
  door.strange(one);
  assert.ok(from(2));
  door.strange(two);
  assert.deepEqual([from(3), door.mayConnect(key(4), "192.0.2.2")], [false, true]);
  door.welcome(one);
  assert.deepEqual([from(3), from(1)], [true, true]);
  door.strange(one);
  await two.close();
  door.strange(one);
  assert.ok(door.turnedAway === 1 && door.strangers === 1);
});
