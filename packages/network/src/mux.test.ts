import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Mux } from "./mux.ts";
import { RawPeer } from "./testing.ts";
import { noisePair } from "./transport/testing.ts";

test("a TypeError that a peer's bytes provoke in any channel ends that stream, not the process", async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", note);
  const [client, server] = await noisePair("tcp");
  const channel = new Mux(server).createChannel({ protocol: "demec", ondrain() {}, onclose() {} })!;
  channel.addMessage({
    encoding: {
      preencode() {},
      encode() {},
      decode(): never {
        throw new TypeError("What a careless decoder throws.");
      },
    },
    autoBatch: false,
    onmessage() {},
  });
  channel.open();
  new RawPeer(client);
  await new Promise((resolve) => server.once("close", resolve));
  await sleep(5);
  process.off("uncaughtException", note);
  assert.deepEqual(uncaught, []);
});
