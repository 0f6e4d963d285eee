import { parseDeployment } from "@demec/chain";
import { useId, useState } from "react";
import { readOverride, type SettingsOverride, writeOverride } from "../settings.ts";
import { Card, ErrorNote, Page } from "../ui/basics.tsx";
import { failureOf } from "../wallet/useTransact.ts";

export interface SettingsViewProps {
  /** What holds now, as text; empty where nothing does. */
  readonly rpcUrls?: string;
  readonly deployment?: string;
  readonly guides?: string;
  /** Why the console could not start. */
  readonly trouble?: Error;
}

/** Which chain, market and guides this browser uses. */
export function SettingsView({ trouble, ...now }: SettingsViewProps) {
  const override = readOverride();
  const [rpcUrls, setRpcUrls] = useState(now.rpcUrls ?? "");
  const rpcId = useId();
  const [deployment, setDeployment] = useState(now.deployment ?? "");
  const [guides, setGuides] = useState(now.guides ?? "");
  const deploymentId = useId();
  const guidesId = useId();
  const [error, setError] = useState<unknown>(null);
  const isChanged = Object.keys(override).length > 0;
  const apply = (next: SettingsOverride | null) => {
    writeOverride(next);
    location.reload();
  };
  const save = () => {
    try {
      const { chainId } = parseDeployment(deployment);
      apply({
        chainId,
        rpcUrls: linesOf(rpcUrls).map((url) => new URL(url).href),
        deployment: JSON.parse(deployment),
        guides: readGuides(guides),
      });
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Page title="Settings" lead="Where this browser finds the chain, the market’s contracts, and the providers.">
      {trouble !== undefined && (
        <ErrorNote
          error={{ ...failureOf(trouble), what: trouble.message, next: "Name a chain and a deployment below." }}
        />
      )}
      <Card>
        <form
          className="settings"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <div>
            <label className="label" htmlFor={rpcId}>
              Chain’s endpoints (JSON-RPC)
            </label>
            <p className="hint">
              One a line. Everything is read from the first; with two or more, what your money depends on has to be
              proved against a block that most of them agree on.
            </p>
            <textarea
              id={rpcId}
              className="short"
              value={rpcUrls}
              spellCheck={false}
              placeholder="https://…"
              onChange={(event) => setRpcUrls(event.target.value)}
            />
          </div>
          <div>
            <label className="label" htmlFor={guidesId}>
              Guides
            </label>
            <p className="hint">
              Nodes that help this page find providers; they see no content. One a line: address, space, node key.
            </p>
            <textarea
              id={guidesId}
              className="short"
              value={guides}
              spellCheck={false}
              placeholder="wss://guide.example 0x…"
              onChange={(event) => setGuides(event.target.value)}
            />
          </div>
          <div>
            <label className="label" htmlFor={deploymentId}>
              Contracts
            </label>
            <p className="hint">The deployment as JSON, as the deploy script wrote it.</p>
            <textarea
              id={deploymentId}
              value={deployment}
              spellCheck={false}
              onChange={(event) => setDeployment(event.target.value)}
            />
          </div>
          {error !== null && <ErrorNote error={failureOf(error)} />}
          <div className="actions">
            <button type="submit" className="primary">
              Save and reload
            </button>
            {isChanged && (
              <button type="button" onClick={() => apply(null)}>
                Back to this site’s own settings
              </button>
            )}
          </div>
        </form>
      </Card>
    </Page>
  );
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** @throws TypeError for an address that is none, Error for a line without a key */
function readGuides(text: string): { url: string; publicKey: `0x${string}` }[] {
  return linesOf(text).map((line) => {
    const [url = "", publicKey = ""] = line.split(/\s+/);
    if (!/^0x[0-9a-f]{64}$/i.test(publicKey)) throw new Error(`The guide “${line}” has no node key after its address.`);
    return { url: new URL(url).href, publicKey: publicKey as `0x${string}` };
  });
}
