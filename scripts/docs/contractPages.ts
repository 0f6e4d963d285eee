/** Reference pages of the contracts, from their NatSpec as the compiler resolves it (`@inheritdoc` included). */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import solc from "solc";
import { DEPLOYED_CONTRACTS } from "../deployedContracts.ts";
import { asText } from "./markdown.ts";

const ROOT = join(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly internalType?: string;
}
interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
  readonly inputs?: readonly Parameter[];
  readonly outputs?: readonly Parameter[];
}
/** Of one function or event; the compiler's own form. */
interface Note {
  readonly notice?: string;
  readonly details?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly returns?: Readonly<Record<string, string>>;
}
interface Notes {
  readonly title?: string;
  readonly notice?: string;
  readonly details?: string;
  readonly methods?: Readonly<Record<string, Note>>;
  readonly events?: Readonly<Record<string, Note>>;
}
interface Compiled {
  readonly abi: readonly AbiItem[];
  readonly devdoc: Notes;
  readonly userdoc: Notes;
}

/** A page for each deployed contract, by name. @throws Error with what the compiler says */
export function contractPages(): Map<string, string> {
  const compiled = compile();
  return new Map(DEPLOYED_CONTRACTS.map((name) => [name, page(name, compiled[`contracts/${name}.sol`]![name]!)]));
}

function compile(): Record<string, Record<string, Compiled>> {
  const sources = DEPLOYED_CONTRACTS.map((name) => `contracts/${name}.sol`);
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(sources.map((path) => [path, { content: readFileSync(join(ROOT, path), "utf8") }])),
    // No code is made: this takes a second, not a minute.
    settings: { evmVersion: "cancun", outputSelection: { "*": { "*": ["abi", "devdoc", "userdoc"] } } },
  };
  const find = (path: string) => ({
    contents: readFileSync(path.startsWith("contracts/") ? join(ROOT, path) : require.resolve(path), "utf8"),
  });
  const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  const failures = errors.filter(({ severity }: { severity: string }) => severity === "error");
  if (failures.length > 0) throw new Error(failures[0].formattedMessage);
  return contracts;
}

function page(contract: string, { abi, devdoc, userdoc }: Compiled): string {
  const section = (title: string, items: readonly AbiItem[], notes: (signature: string) => Note) =>
    items.length === 0 ? "" : `## ${title}\n\n${items.map((item) => entry(item, notes(signatureOf(item)))).join("\n")}`;
  const functions = abi.filter(({ type }) => type === "function");
  const reads = ({ stateMutability }: AbiItem) => stateMutability === "view" || stateMutability === "pure";
  const method = (signature: string) => ({ ...userdoc.methods?.[signature], ...devdoc.methods?.[signature] });
  const event = (signature: string) => ({ ...userdoc.events?.[signature], ...devdoc.events?.[signature] });
  const about = [devdoc.title, userdoc.notice, devdoc.details].filter((text) => text !== undefined).map(asText);
  const reverts = abi.filter(({ type }) => type === "error").map(({ name }) => name!);
  return `# ${contract}

<!-- Made from contracts/${contract}.sol by \`pnpm build:docs\`. -->

${about.join("\n\n")}

${section(
  "Transactions",
  functions.filter((item) => !reads(item)),
  method,
)}
${section("Reading", functions.filter(reads), method)}
${section(
  "Events",
  abi.filter(({ type }) => type === "event"),
  event,
)}
## Reverts

${reverts.map((name) => (name.includes("_") ? `[\`${name}\`](../errors.md#${name})` : `\`${name}\``)).join(", ") || "–"}
`;
}

const shown = ({ type, internalType }: Parameter) => (internalType ?? type).replace(/^(struct|enum|contract) /, "");
const listed = (all: readonly Parameter[] = []) => all.map((one) => `${shown(one)} ${one.name}`.trim()).join(", ");

/** As the compiler's notes name it; a tuple is spelt out. */
function signatureOf({ name, inputs = [] }: AbiItem): string {
  const spelt = ({ type, components }: Parameter & { components?: readonly Parameter[] }): string =>
    type.startsWith("tuple") ? `(${(components ?? []).map(spelt).join(",")})${type.slice(5)}` : type;
  return `${name}(${inputs.map(spelt).join(",")})`;
}

function entry(item: AbiItem, { notice, details, params = {}, returns = {} }: Note): string {
  const { name, inputs, outputs = [], stateMutability } = item;
  const gives = outputs.length > 0 ? ` returns (${listed(outputs)})` : "";
  const kind = stateMutability === "payable" ? " payable" : "";
  const named = (all: Readonly<Record<string, string>>, what: string) =>
    Object.entries(all).map(([key, text]) => `- ${what}${/^_\d+$/.test(key) ? "" : `\`${key}\`: `}${asText(text)}`);
  return [
    `### ${name}\n`,
    `\`${name}(${listed(inputs)})${kind}${gives}\`\n`,
    ...[notice, details].filter((text) => text !== undefined).map((text) => `${asText(text)}\n`),
    ...named(params, ""),
    ...named(returns, "→ "),
    "",
  ].join("\n");
}
