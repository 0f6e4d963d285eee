import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { Books } from "./books.ts";
import { Budget } from "./budget.ts";

let folder: string;
let books: Books;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "demec-books-"));
  books = await Books.open(folder);
});
after(async () => {
  await books.close();
  await rm(folder, { recursive: true, force: true });
});

test("whatever is reserved and booked, neither the endpoint nor a subject ever comes to more than its budget", async () => {
  const calls = fc.array(
    fc.record({
      subject: fc.constantFrom("a", "b", "c"),
      worst: fc.bigInt(0n, 60n),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 60 },
  );
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(calls, fc.bigInt(0n, 200n), fc.bigInt(0n, 80n), async (asked, total, perSubject) => {
      const budget = new Budget({ total, perSubject }, books, `service ${runs++}`);
      const spent = new Map<string, bigint>();
      for (const { subject, worst, used } of asked) {
        const had = budget.spent;
        const ofSubject = spent.get(subject) ?? 0n;
        const fits = had + worst <= total && ofSubject + worst <= perSubject;
        if (!fits) {
          await assert.rejects(budget.reserve(subject, worst), { code: "gateway/over-budget" });
          assert.equal(budget.spent, had);
          continue;
        }
        const book = await budget.reserve(subject, worst);
        assert.equal(budget.spent, had + worst, "reserved at once");
        const cost = BigInt(Math.floor(Number(worst) * used));
        book(cost);
        spent.set(subject, ofSubject + cost);
        assert.equal(budget.spent, had + cost);
        assert.ok(budget.spent <= total && ofSubject + cost <= perSubject);
      }
    }),
  );
});

test("who starts again goes on from what was booked, and calls that were under way count by their worst", async () => {
  const policy = { total: 100n, perSubject: 60n };
  const first = new Budget(policy, books, "kept");
  (await first.reserve("a", 50n))(20n);
  await first.reserve("b", 30n);
  await books.close();
  books = await Books.open(folder);
  const second = new Budget(policy, books, "kept");
  assert.equal(second.spent, 50n);
  await assert.rejects(second.reserve("a", 41n), { code: "gateway/over-budget" });
  await second.reserve("a", 40n);
  await assert.rejects(second.reserve("c", 11n), { code: "gateway/over-budget" });
});
