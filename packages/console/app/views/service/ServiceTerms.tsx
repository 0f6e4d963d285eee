import type { Service } from "@demec/chain";
import { METER_VERSION, type ServiceMetadata, type Tariff } from "@demec/protocol";
import { zeroHash } from "viem";
import type { Money } from "../../chain/queries.ts";
import { formatAmount, formatBps, formatCredits, formatDuration } from "../../format.ts";
import { Card, HexText, Row, Rows } from "../../ui/basics.tsx";

const UNITS: Readonly<Record<keyof Tariff, string>> = {
  a: "million integer operations",
  b: "million floating-point operations",
  c: "megabyte in or out",
  d: "second of running",
  e: "second until the answer",
  f: "second of round trip",
};

/** What a service charges and promises, in plain words. */
export function ServiceTerms(props: { service: Service; money: Money; metadata?: ServiceMetadata }) {
  const { tariff, sla, challengePeriod, minBondPerCredit, codeHash, meterVersion, royaltyBps } = props.service;
  const charges = (Object.keys(UNITS) as (keyof Tariff)[]).filter((name) => tariff[name] !== 0n);
  return (
    <Card title="What it charges and promises" note="Fixed when the service was published; nobody can change it.">
      <h3>A call uses</h3>
      <Rows>
        {charges.length === 0 && <Row label="Every call">nothing</Row>}
        {charges.map((name) => (
          <Row key={name} label={`per ${UNITS[name]}`}>
            <span className="number">{formatCredits(tariff[name])}</span>
            <span className="unit"> credits</span>
          </Row>
        ))}
      </Rows>
      <h3>If it is slow or fails</h3>
      <Rows>
        <Row label="Promised answer within">{sla.maxLatencyMs === 0 ? "no promise" : `${sla.maxLatencyMs} ms`}</Row>
        <Row label="Broken promises that cost nothing">{formatBps(sla.toleranceBps)} of calls</Row>
        <Row label="Money back, if all beyond that fail">{formatBps(sla.rebateBps)}</Row>
        {sla.bondPenaltyBps > 0 && <Row label="From the provider’s deposit">{formatBps(sla.bondPenaltyBps)}</Row>}
        <Row label="Provider’s deposit for each credit">
          {minBondPerCredit === 0n ? "none" : `${formatAmount(minBondPerCredit, 18, 4)} DEMEC`}
        </Row>
        <Row label="Time to object when one side closes alone">{formatDuration(challengePeriod)}</Row>
      </Rows>
      <h3>The code</h3>
      <Rows>
        <Row label="SHA-256 of the program">
          {codeHash === zeroHash ? "yours: you bring the program" : <HexText value={codeHash} />}
        </Row>
        {props.metadata?.shape !== undefined && (
          <Row label="Kind of program">
            {props.metadata.shape === "command" ? "reads input, writes output" : "one function"}
          </Row>
        )}
        <Row label="Publisher’s royalty on purchases">{formatBps(royaltyBps)}</Row>
        <Row label="Rules by which work is counted">
          version {meterVersion}
          {meterVersion === METER_VERSION ? "" : ", not the newest"}
        </Row>
        <Row label="Paid in">
          {props.money.symbol} <HexText value={props.money.token} />
        </Row>
      </Rows>
    </Card>
  );
}
