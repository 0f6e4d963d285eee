import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatUnits } from "viem";
import {
  formatCredits,
  formatMoney,
  formatPrice,
  parseAmount,
  parseCredits,
  parseCurve,
  parseInteger,
  parseTariff,
} from "./amounts.ts";

const USD = { symbol: "USD", decimals: 6 };
const refuses = (parse: () => unknown, text: string) =>
  assert.throws(
    parse,
    (error: Error & { code?: string }) => error.code === "cli/bad-option" && error.message.includes(text),
  );

test("every amount that is printed is read again as the same amount, to the last digit", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n), fc.nat(24), (amount, decimals) => {
      assert.equal(parseAmount("Amount", formatUnits(amount, decimals), decimals), amount);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt(1n, 2n ** 96n), (credits) => assert.equal(parseCredits(formatCredits(credits)), credits)),
  );
});

test("what is no decimal number, or has more digits than the token, is refused and named", () => {
  for (const text of ["", " ", "-1", "+1", "1.", ".5", "1e3", "0x10", "1,000", "NaN", "Infinity", "1.0000001", "１"]) {
    refuses(() => parseAmount("--max-cost", text, 6), `--max-cost is "${text}"`);
  }
  refuses(() => parseCredits("0"), "0");
  refuses(() => parseCredits("0.000"), "0");
});

test("money and prices are printed in whole tokens", () => {
  assert.equal(formatMoney(1_234_567n, USD), "1.234567 USD");
  assert.equal(formatPrice(10_000n * 10n ** 18n, USD), "0.01 USD/credit");
});

test("a curve is read as prices in whole tokens at supplies in whole credits", () => {
  const credits = 10n ** 18n;
  assert.deepEqual(parseCurve("0.01,1000:0.02,10000:0.05,100000.5:0.1", USD), {
    x1: 1_000n * credits,
    x2: 10_000n * credits,
    x3: 100_000n * credits + credits / 2n,
    y0: 10_000n * credits,
    y1: 20_000n * credits,
    y2: 50_000n * credits,
    y3: 100_000n * credits,
  });
  for (const text of ["", "0.01", "0.01,1:2,3:4", "0.01,1:2,3:4,5:6,7:8", "0.01,1:2:3,3:4,5:6", "0.01,1,2,3"]) {
    refuses(() => parseCurve(text, USD), `"${text}"`);
  }
  refuses(() => parseCurve("0.01,a:2,3:4,5:6", USD), '"a"');
  refuses(() => parseCurve("-1,1:2,3:4,5:6", USD), '"-1"');
});

test("a tariff is six numbers, each of which may be negative", () => {
  const unit = 10n ** 18n;
  assert.deepEqual(parseTariff("1,0.5,0,-2,0,-0.25"), {
    a: unit,
    b: unit / 2n,
    c: 0n,
    d: -2n * unit,
    e: 0n,
    f: -unit / 4n,
  });
  for (const text of ["1,2,3,4,5", "1,2,3,4,5,6,7"]) refuses(() => parseTariff(text), `"${text}"`);
  refuses(() => parseTariff("1,2,3,4,5,--6"), '"-6"');
});

test("a whole number stays inside its range", () => {
  assert.equal(parseInteger("--royalty", "10000", 10_000), 10_000);
  for (const text of ["10001", "-1", "1.5", "", "ten"])
    refuses(() => parseInteger("--royalty", text, 10_000), `"${text}"`);
});
