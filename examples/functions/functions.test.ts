import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { statusName } from "@demec/protocol/execution";
import fc from "fast-check";
import { buildFunctions } from "../../scripts/build-functions.ts";
import { file, load, request, utf8 } from "./testing/load.ts";
import { type ThumbnailOptions, thumbnail, thumbnailInput } from "./thumbnail/reference.ts";
import { wordcount } from "./wordcount/reference.ts";

before(() => buildFunctions());

describe("thumbnail", () => {
  const photo = file("../assets/photo.ppm");

  it("gives the bytes of its reference for the photograph", async () => {
    const module = await load("thumbnail/build/thumbnail.wasm");
    const cases: ThumbnailOptions[] = [
      { width: 160 },
      { width: 97, gray: true },
      { width: 200, sharpen: true },
      { width: 900 },
      { width: 1 },
    ];
    for (const options of cases) {
      const outcome = module.run(request({ input: thumbnailInput(options, photo) }));
      assert.equal(statusName(outcome.status), "ok");
      assert.equal(Buffer.compare(outcome.output, thumbnail(options, photo)), 0);
      assert.ok(outcome.floatOps > 0n);
    }
  });

  it("gives the bytes of its reference for any picture", async () => {
    const module = await load("thumbnail/build/thumbnail.wasm");
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        fc.boolean(),
        fc.boolean(),
        fc.infiniteStream(fc.nat(255)),
        (width, height, target, gray, sharpen, bytes) => {
          const pixels = Uint8Array.from({ length: width * height * 3 }, () => bytes.next().value);
          const picture = Buffer.concat([utf8(`P6\n${width} ${height}\n255\n`), pixels]);
          const options = { width: target, gray, sharpen };
          const outcome = module.run(request({ input: thumbnailInput(options, picture) }));
          assert.deepEqual(Buffer.from(outcome.output), Buffer.from(thumbnail(options, picture)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("traps on what is no picture", async () => {
    const module = await load("thumbnail/build/thumbnail.wasm");
    for (const input of [
      "",
      "160\n",
      "160 blue\nP6\n1 1\n255\nabc",
      "160\nP5\n1 1\n255\nabc",
      "160\nP6\n9 9\n255\nabc",
      "0\nP6\n1 1\n255\nabc",
    ]) {
      assert.equal(statusName(module.run(request({ input: utf8(input) })).status), "unreachable", input);
    }
  });
});

describe("wordcount", () => {
  const count = async (input: Uint8Array, ...args: string[]) =>
    (await load("wordcount/build/wordcount.wasm")).run(request({ shape: "command", input, args }));

  it("prints what its reference prints for the text", async () => {
    const text = file("../assets/text.txt");
    for (const limit of [0, 20, 100_000]) {
      const { output } = await count(text, String(limit));
      assert.equal(Buffer.from(output).toString(), Buffer.from(wordcount(text, limit)).toString());
    }
    assert.deepEqual((await count(text)).output, Uint8Array.from(wordcount(text)));
  });

  it("prints what its reference prints for any text", async () => {
    const module = await load("wordcount/build/wordcount.wasm");
    const words = fc.array(
      fc.constantFrom("a", "A", "don't", "'", "''", "é", "Zoë", " ", ", ", "\n", "x'", "abc", "1"),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(words, (parts) => {
        const input = utf8(parts.join(""));
        const { output } = module.run(request({ shape: "command", input, args: ["50"] }));
        assert.equal(Buffer.from(output).toString(), Buffer.from(wordcount(input, 50)).toString());
      }),
    );
  });

  it("says on stderr, with exit code 2, that its argument is no number", async () => {
    const outcome = await count(new Uint8Array(0), "many");
    assert.deepEqual([statusName(outcome.status), outcome.exitCode, outcome.output.length], ["exitCode", 2, 0]);
    assert.match(Buffer.from(outcome.stderr).toString(), /number of words/);
  });
});

describe("resize", () => {
  it("gives the bytes of its reference for the photograph, narrower and wider", async () => {
    const module = await load("resize/build/resize.wasm");
    const photo = file("../assets/photo.ppm");
    for (const width of [1, 320, 700]) {
      const { status, output } = module.run(
        request({ shape: "command", input: photo, args: ["--width", String(width)] }),
      );
      assert.equal(statusName(status), "ok");
      assert.equal(Buffer.compare(output, thumbnail({ width }, photo)), 0);
    }
  });

  it("tells its usage, with exit code 2, when its arguments are not these", async () => {
    const module = await load("resize/build/resize.wasm");
    for (const args of [
      [],
      ["--width"],
      ["--height", "9"],
      ["--width", "0"],
      ["--width", "9x"],
      ["--width", "16385"],
    ]) {
      const outcome = module.run(request({ shape: "command", input: utf8("P6\n1 1\n255\nabc"), args }));
      assert.deepEqual([statusName(outcome.status), outcome.exitCode, outcome.output.length], ["exitCode", 2, 0]);
      assert.match(Buffer.from(outcome.stderr).toString(), /usage: resize --width/);
    }
  });
});

describe("the faulty functions", () => {
  it("trap on a zero, and divide otherwise", async () => {
    const module = await load("faulty/build/trap.wasm");
    assert.equal(statusName(module.run(request({ input: Uint8Array.of(0) })).status), "divisionByZero");
    assert.deepEqual(module.run(request({ input: Uint8Array.of(20) })).output, Uint8Array.of(42, 0, 0, 0));
  });

  it("spin until the fuel is gone, and are charged exactly the limit", async () => {
    const limits = { bitOps: 10n ** 6n, floatOps: 0n, memoryPages: 16, outputBytes: 0 };
    const outcome = (await load("faulty/build/spin.wasm")).run(request({ limits }));
    assert.deepEqual([statusName(outcome.status), outcome.bitOps, outcome.floatOps], ["outOfFuel", 10n ** 6n, 0n]);
  });
});
