/** The error index of the documentation: every code and every custom error of the contracts, from their definitions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_TABLE, type ErrorCode } from "@demec/protocol";
import { errorUses } from "./errorUses.ts";
import { asText } from "./markdown.ts";

const ERRORS = join(import.meta.dirname, "../../contracts/libraries/Errors.sol");

/** Sentences that are shown of one code; general ones have dozens. */
const SHOWN = 6;

export interface CustomError {
  readonly name: string;
  /** As declared: `uint256 cost, uint256 maxCost`. */
  readonly parameters: string;
}

/** What contracts/libraries/Errors.sol declares. */
export function customErrors(): CustomError[] {
  const declared = readFileSync(ERRORS, "utf8").matchAll(/^\s*error (\w+)\(([^)]*)\);/gm);
  return [...declared].map(([, name, parameters]) => ({ name: name!, parameters: parameters! }));
}

/** The page, as Markdown. Each code and each custom error is the id of its own heading or row. */
export function errorIndex({ sentences, reverts } = errorUses()): string {
  const codes = Object.keys(ERROR_TABLE) as ErrorCode[];
  const rooms = [...new Set(codes.map(roomOf))];
  const section = (code: ErrorCode) => {
    const { retryable, next } = ERROR_TABLE[code];
    const said = [...(sentences.get(code) ?? [])].map(asText).sort();
    const names = [...reverts].filter(([, of]) => of === code).map(([name]) => name);
    return [
      `### \`${code}\` {#${code}}\n`,
      `**${retryable ? "Retryable" : "Final"}.** ${asText(next)}\n`,
      ...said.slice(0, SHOWN).map((sentence) => `- ${sentence}`),
      ...(said.length > SHOWN ? [`- … and ${said.length - SHOWN} more`] : []),
      ...(names.length > 0 ? [`\nA contract reverted with ${names.map(linked).join(" or ")}.`] : []),
      "",
    ].join("\n");
  };
  return `# Errors

<!-- Made from packages/protocol/src/errorTable.ts, contracts/libraries/Errors.sol and the source by \`pnpm build:docs\`. -->

Every error of the packages is a \`DemecError\`: \`code\` never changes its meaning, the message says what was wrong with
which value, \`details\` has the values, \`next\` says what to do. **Retryable**: the same call may succeed later,
unchanged. **Final**: it will not, until something else is done. What is quoted are the sentences that come with a code;
‹names› stand for values. The commands print the code, and with \`--json\` all of it as one line on stderr.

\`\`\`ts
import { isDemecError } from "@demec/protocol";

try {
  throw new Error("whatever a call throws");
} catch (error) {
  if (isDemecError(error, "sdk/over-budget")) console.error(error.next);
  else if (isDemecError(error) && error.retryable) console.error("later, then");
  else console.error(error);
}
\`\`\`

${rooms
  .map(
    (room) =>
      `## ${room}\n\n${codes
        .filter((code) => roomOf(code) === room)
        .map(section)
        .join("\n")}`,
  )
  .join("\n")}

## Custom errors of the contracts

Contracts revert with the offending values. \`toDemecError\` of \`@demec/chain\` turns them into codes.

| custom error | code |
| --- | --- |
${customErrors().map(rowOf(reverts)).join("\n")}
`;
}

const roomOf = (code: string) => code.split("/")[0]!;
const isOurs = (name: string) => name.includes("_");
/** Those of OpenZeppelin and Permit2 have no row of their own. */
const linked = (name: string) => (isOurs(name) ? `[\`${name}\`](#${name})` : `\`${name}\``);

const rowOf = (reverts: ReadonlyMap<string, ErrorCode>) => (error: CustomError) => {
  const { name, parameters } = error;
  const code = reverts.get(name) ?? "chain/reverted";
  return `| <span id="${name}">\`${name}(${parameters})\`</span> | [\`${code}\`](#${code}) |`;
};
