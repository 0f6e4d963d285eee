import { Link } from "wouter";
import { lightOptionsOf } from "../chain/light.ts";
import type { useProof } from "../chain/useProof.ts";
import { formatCount } from "../format.ts";
import { useSettings } from "../settings.ts";
import { ErrorNote } from "../ui/basics.tsx";
import { failureOf } from "../wallet/useTransact.ts";

/** Whether what stands above it is proved, by how many endpoints; and if it is not, why. */
export function ProofNote(props: { readonly what: string; readonly proof: ReturnType<typeof useProof> }) {
  const { data, error, refetch } = props.proof;
  const options = lightOptionsOf(useSettings());
  if (options === undefined) {
    return (
      <p className="note">
        {props.what}: not proved. One endpoint alone is named, and it is believed. Name another in the{" "}
        <Link href="/settings">settings</Link>.
      </p>
    );
  }
  if (error !== null) return <ErrorNote error={failureOf(error)} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="note">Asking {options.nodes.length} endpoints to prove this …</p>;
  return (
    <p className="note">
      {props.what}: proved against block {formatCount(data.block.number)}, on which {options.quorum} of{" "}
      {options.nodes.length} endpoints agree.
      {data.refused.map(({ rpc, reason }) => ` Not believed: ${rpc}. ${reason}`)}
    </p>
  );
}

/** What has to be proved before money depends on it. */
export function PaymentProofNote() {
  const options = lightOptionsOf(useSettings());
  if (options === undefined) {
    return (
      <p className="note">
        Nothing is proved before you pay: one endpoint alone is named, and what it tells of service, provider and
        session is believed. Name another in the <Link href="/settings">settings</Link>.
      </p>
    );
  }
  return (
    <p className="note">
      {options.quorum} of {options.nodes.length} endpoints have to agree on a block that proves service and provider
      before you pay, and your session before it is used.
    </p>
  );
}
