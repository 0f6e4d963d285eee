import { useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import { type Money, priceOf, useStanding } from "../../chain/queries.ts";
import { formatBytes, formatCount, formatSmall, shortHex } from "../../format.ts";
import { Card, Chip, Credits, Row, Rows, Segments } from "../../ui/basics.tsx";
import type { Trial } from "./useTrial.ts";

type View = "text" | "picture" | "hex";
/** Of long outputs only the beginning is shown. */
const SHOWN_BYTES = 16_384;

const STATUS_WORDS: Readonly<Record<string, string>> = {
  ok: "done",
  outOfFuel: "stopped: it needed more work than it was allowed",
  exitCode: "ended with an exit code",
  unreachable: "failed: the program gave up",
};

/** What a call gave, and what it took. */
export function ResultCard({
  done,
  money,
}: {
  readonly done: Extract<Trial, { phase: "done" }>;
  readonly money: Money;
}) {
  const { result, service, tookMs } = done;
  const { output, usage, status, credits, session, exitCode, stderr } = result;
  const { data: standing } = useStanding(service.terms.serviceId);
  const cost = standing && credits * priceOf(service.terms, standing);
  return (
    <Card title="Result" aside={<Chip tone={status === "ok" ? "good" : "bad"}>{STATUS_WORDS[status] ?? status}</Chip>}>
      <Output bytes={output.length > 0 ? output : stderr} />
      <Rows>
        <Row label="You paid">
          <Credits value={credits} />
          {cost !== undefined && (
            <span className="unit">
              {" "}
              ≈ {formatSmall(cost, money.decimals + 36)} {money.symbol}
            </span>
          )}
        </Row>
        <Row label="Work">
          <span className="number">{formatCount(usage.bitOps)}</span>
          <span className="unit"> integer and </span>
          <span className="number">{formatCount(usage.floatOps)}</span>
          <span className="unit"> floating-point operations</span>
        </Row>
        <Row label="Bytes in and out">{formatBytes(Number(usage.bytes))}</Row>
        <Row label="Time">
          {formatCount(Math.round(tookMs))} ms in all, {formatCount(usage.latencyMs)} ms at the provider and on the way
        </Row>
        {status === "exitCode" && <Row label="Exit code">{exitCode}</Row>}
        <Row label="Done by">
          <Link className="hex" href={`/provider/${session.params.provider}`}>
            {shortHex(session.params.provider)}
          </Link>
        </Row>
      </Rows>
    </Card>
  );
}

function Output({ bytes }: { readonly bytes: Uint8Array }) {
  const picture = useMemo(() => pictureType(bytes), [bytes]);
  const text = useMemo(() => textOf(bytes), [bytes]);
  const [chosen, setView] = useState<View | null>(null);
  const view = chosen ?? (picture !== null ? "picture" : text !== null ? "text" : "hex");
  const url = useMemo(
    () => URL.createObjectURL(new Blob([bytes.slice()], { type: picture ?? "application/octet-stream" })),
    [bytes, picture],
  );
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const views: (readonly [View, string])[] = [];
  if (text !== null) views.push(["text", "Text"]);
  if (picture !== null) views.push(["picture", "Picture"]);
  views.push(["hex", "Bytes"]);
  const cut = bytes.length > SHOWN_BYTES && view !== "picture";
  return (
    <div className="output">
      <div className="output-head">
        <Segments<View> label="How the output is shown" options={views} value={view} onChange={setView} />
        <a className="button" href={url} download="output">
          Download {formatBytes(bytes.length)}
        </a>
      </div>
      {view === "picture" ? (
        <img src={url} alt="Output of the call" />
      ) : (
        // Long output scrolls: the keyboard has to reach it.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <section className="bytes" tabIndex={0} aria-label="Output">
          {bytes.length === 0 ? "No output." : view === "text" ? text?.slice(0, SHOWN_BYTES) : hexOf(bytes)}
        </section>
      )}
      {cut && <p className="note">The first {formatBytes(SHOWN_BYTES)} of it; download it for the rest.</p>}
    </div>
  );
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what has them is no text for people
    return /[\0-\x08\x0e-\x1f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, SHOWN_BYTES); at += 16) {
    const row = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, "0"));
    lines.push(`${at.toString(16).padStart(6, "0")}  ${row.join(" ")}`);
  }
  return lines.join("\n");
}

/** By the first bytes. */
function pictureType(bytes: Uint8Array): string | null {
  const begins = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (begins(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (begins(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  if (begins(0x52, 0x49, 0x46, 0x46) && bytes[8] === 0x57) return "image/webp";
  return null;
}
