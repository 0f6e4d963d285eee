// The small parts that every view is made of.
import { type ReactNode, useEffect, useId, useState } from "react";
import { Link } from "wouter";
import type { Money } from "../chain/queries.ts";
import { formatCredits, formatMoney, formatPrice, shortHex } from "../format.ts";
import type { Failure } from "../wallet/useTransact.ts";
import { Icon } from "./Icon.tsx";

/** Credits with their unit; the exact number of base units is the element's value. */
export const Credits = ({ value, unit = true }: { readonly value: bigint; readonly unit?: boolean }) => (
  <data className="number" value={String(value)}>
    {formatCredits(value)}
    {unit && <span className="unit"> {value === 10n ** 18n ? "credit" : "credits"}</span>}
  </data>
);

export const Amount = ({ value, money }: { readonly value: bigint; readonly money: Money }) => (
  <data className="number" value={String(value)}>
    {formatMoney(value, money.decimals)}
    <span className="unit"> {money.symbol}</span>
  </data>
);

export const Price = (props: { readonly priceWad: bigint; readonly money: Money; readonly per?: boolean }) => (
  <data className="number" value={String(props.priceWad)}>
    {formatPrice(props.priceWad, props.money.decimals)}
    <span className="unit">
      {" "}
      {props.money.symbol}
      {props.per !== false && " / credit"}
    </span>
  </data>
);

/** Holds the place of a number that is still being read. */
export const Loading = ({ chars = 8 }: { readonly chars?: number }) => (
  <span className="loading" style={{ inlineSize: `${chars}ch` }}>
    <span className="hidden">loading</span>
  </span>
);

/** A value that may still be on its way. */
export function Value<T>(props: { of: T | undefined; chars?: number; children: (value: T) => ReactNode }): ReactNode {
  return props.of === undefined ? <Loading {...(props.chars && { chars: props.chars })} /> : props.children(props.of);
}

export function Page(props: { title: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${props.title} · deMEC`;
  }, [props.title]);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{props.title}</h1>
          {props.lead !== undefined && <p className="lead">{props.lead}</p>}
        </div>
        {props.aside}
      </div>
      {props.children}
    </>
  );
}

export function Card(props: {
  title?: string;
  note?: ReactNode;
  aside?: ReactNode;
  className?: string;
  /** Its share of the width, where cards stand side by side. */
  grow?: number;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section
      className={`card ${props.className ?? ""}`}
      {...(props.title && { "aria-labelledby": id })}
      {...(props.grow && { style: { flexGrow: props.grow } })}
    >
      {props.title !== undefined && (
        <header className="card-head">
          <div>
            <h2 id={id}>{props.title}</h2>
            {props.note !== undefined && <p className="note">{props.note}</p>}
          </div>
          {props.aside}
        </header>
      )}
      {props.children}
    </section>
  );
}

/** A name with its value, for summaries. */
export const Stat = (props: { label: string; note?: ReactNode; children: ReactNode }) => (
  <div className="stat">
    <dt>{props.label}</dt>
    <dd>{props.children}</dd>
    {props.note !== undefined && <dd className="note">{props.note}</dd>}
  </div>
);

export const Stats = ({ children }: { readonly children: ReactNode }) => <dl className="stats">{children}</dl>;

/** Rows of names and values. */
export const Rows = ({ children }: { readonly children: ReactNode }) => <dl className="rows">{children}</dl>;
export const Row = (props: { label: ReactNode; children: ReactNode }) => (
  <div>
    <dt>{props.label}</dt>
    <dd>{props.children}</dd>
  </div>
);

/** Long hexadecimal, cut in the middle, with a button that copies all of it. */
export function HexText({ value, href }: { readonly value: string; readonly href?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const text = <span title={value}>{shortHex(value)}</span>;
  return (
    <span className="hex">
      {href === undefined ? text : <Link href={href}>{text}</Link>}
      <button
        type="button"
        className="quiet icon"
        aria-label={copied ? "Copied" : `Copy ${shortHex(value)}`}
        onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
      >
        <Icon name={copied ? "check" : "copy"} />
      </button>
    </span>
  );
}

export const Empty = (props: { title: string; children?: ReactNode }) => (
  <div className="empty">
    <p className="empty-title">{props.title}</p>
    {props.children !== undefined && <p>{props.children}</p>}
  </div>
);

/** What went wrong, and what to do about it. */
export const ErrorNote = ({ error, onRetry }: { readonly error: Failure; readonly onRetry?: () => void }) => (
  <div className="message bad" role="alert">
    <Icon name="alert" />
    <div>
      <p>{error.what}</p>
      <p>{error.next}</p>
      {error.code !== null && <p className="note">{error.code}</p>}
    </div>
    {onRetry !== undefined && (
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    )}
  </div>
);

/** One of a few, as a row of buttons. */
export function Segments<T extends string>(props: {
  label: string;
  options: readonly (readonly [value: T, label: string])[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="segments">
      <legend className="hidden">{props.label}</legend>
      {props.options.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}

/** A labelled input with its unit, and what is wrong with what stands in it. */
export function Field(props: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  unit?: string;
  hint?: ReactNode;
  error?: string | null;
  aside?: ReactNode;
  numeric?: boolean;
  placeholder?: string;
}) {
  const id = useId();
  const { error = null, numeric = true } = props;
  return (
    <div className="field">
      <div className="field-label">
        <label htmlFor={id}>{props.label}</label>
        {props.aside}
      </div>
      <div className={`input ${error === null ? "" : "wrong"}`}>
        <input
          id={id}
          value={props.value}
          onChange={(event) => props.onChange(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          placeholder={props.placeholder}
          aria-invalid={error !== null}
          aria-describedby={`${id}-hint`}
          {...(numeric && { inputMode: "decimal" as const, className: "number" })}
        />
        {props.unit !== undefined && <span className="unit">{props.unit}</span>}
      </div>
      <p id={`${id}-hint`} className={`hint ${error === null ? "" : "wrong"}`}>
        {error ?? props.hint}
      </p>
    </div>
  );
}

export const Chip = (props: { tone?: "good" | "bad" | "info" | "warn"; children: ReactNode }) => (
  <span className={`chip ${props.tone ?? ""}`}>{props.children}</span>
);
