import { Card, Chip, ErrorNote, Loading } from "../../ui/basics.tsx";
import { Icon } from "../../ui/Icon.tsx";
import type { Check } from "../../verify/verify.ts";
import type { Trial } from "./useTrial.ts";

/** The proof of a result, link by link. */
export function VerificationCard({ verified }: Pick<Extract<Trial, { phase: "done" }>, "verified">) {
  const all = verified !== null && "checks" in verified ? verified.checks : [];
  const holds = all.length > 0 && all.every((check) => check.holds);
  return (
    <Card
      title="Proof"
      note="The receipt binds program, input, output and work together; the provider’s signature makes it accountable for them."
      aside={
        all.length > 0 && <Chip tone={holds ? "good" : "bad"}>{holds ? "every link holds" : "it does not hold"}</Chip>
      }
    >
      {verified === null && (
        <p className="message busy">
          Waiting for the next state that both sides sign … <Loading chars={6} />
        </p>
      )}
      {verified !== null && "what" in verified && <ErrorNote error={verified} />}
      <ol className="checks">
        {all.map((check) => (
          <Link key={check.claim} check={check} />
        ))}
      </ol>
      {verified !== null && "checks" in verified && verified.trustsOne && (
        <p className="note">
          What the chain says here, one endpoint alone has told. With two or more in the settings it is proved.
        </p>
      )}
    </Card>
  );
}

const Link = ({ check: { claim, holds, evidence } }: { readonly check: Check }) => (
  <li className={holds ? "holds" : "broken"}>
    <details>
      <summary>
        <Icon name={holds ? "check" : "cross"} />
        <span>{claim}</span>
        <span className="hidden">{holds ? "holds" : "does not hold"}</span>
      </summary>
      <dl>
        {evidence.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  </li>
);
