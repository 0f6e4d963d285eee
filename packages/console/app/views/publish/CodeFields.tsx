import { useId } from "react";
import type { ServiceEntry } from "../../chain/queries.ts";
import { serviceTitle } from "../../format.ts";
import { Field, Segments } from "../../ui/basics.tsx";
import type { Draft } from "./draft.ts";

/** The fields of where a service's program comes from. */
export function CodeFields(props: {
  draft: Draft;
  field: (name: keyof Draft) => { value: string; onChange: (text: string) => void; error: string | null };
  services: readonly ServiceEntry[];
  existingId: bigint | undefined;
  onExisting: (serviceId: bigint) => void;
}) {
  const id = useId();
  const { code } = props.draft;
  const { error } = props.field("code");
  if (code === "own") {
    return (
      <p className="note">Buyers send their own program with each call; providers run it within the same bounds.</p>
    );
  }
  if (code === "known") {
    return (
      <>
        <p className="note">
          The program is already shared peer to peer; <code>demec deploy</code> does that, and prints both numbers.
        </p>
        <Field label="SHA-256 of the program" numeric={false} placeholder="0x…" {...props.field("codeHash")} />
        <Field label="Key under which it is shared" numeric={false} placeholder="0x…" {...props.field("codeCore")} />
        <Segments
          label="Kind of program"
          options={[
            ["command", "Reads input, writes output"],
            ["reactor", "One function"],
          ]}
          value={props.draft.shape}
          onChange={props.field("shape").onChange}
        />
      </>
    );
  }
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        The same program as
      </label>
      <select
        id={id}
        className="wide"
        aria-invalid={error !== null}
        aria-describedby={`${id}-hint`}
        value={String(props.existingId ?? "")}
        onChange={(event) => props.onExisting(BigInt(event.target.value))}
      >
        {props.services.map(({ serviceId, metadata }) => (
          <option key={String(serviceId)} value={String(serviceId)}>
            {serviceTitle(serviceId, metadata)}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className={`hint ${error === null ? "" : "wrong"}`}>
        {error ?? "Your service has its own price, terms and providers."}
      </p>
    </div>
  );
}
