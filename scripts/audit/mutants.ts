// Mutants of Solidity sources: one small change each, at a place that the compiler's syntax tree names.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export interface Mutant {
  /** From the repository's root. */
  readonly file: string;
  readonly line: number;
  /** Innermost function or modifier; "" outside of any. */
  readonly inside: string;
  readonly operator: string;
  /** Bytes of the file that are replaced. */
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

interface Node {
  readonly nodeType: string;
  readonly src: string;
  readonly [key: string]: unknown;
}

const BINARY: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
  "&&": "||",
  "||": "&&",
  "<<": ">>",
  ">>": "<<",
  "&": "|",
  "|": "&",
};
const ASSIGNMENT: Readonly<Record<string, string>> = { "+=": "-=", "-=": "+=", "|=": "&=", "<<=": ">>=", "*=": "/=" };
const CALLS: Readonly<Record<string, string>> = {
  min: "max",
  max: "min",
  Ceil: "Floor",
  Floor: "Ceil",
  saturatingSub: "saturatingAdd",
};

/** Every mutant of these files, in the order of the source. */
export function mutantsOf(files: readonly string[]): Mutant[] {
  const trees = parse(files);
  return files.flatMap((file) => {
    const bytes = readFileSync(join(ROOT, file));
    const mutants: Mutant[] = [];
    walk(trees[file]!, "", (node, inside) => {
      for (const change of changesOf(node, bytes)) {
        const before = bytes.subarray(change.start, change.end).toString();
        const line = bytes.subarray(0, change.start).toString().split("\n").length;
        mutants.push({ file, line, inside, before, ...change });
      }
    });
    return mutants.sort((a, b) => a.start - b.start);
  });
}

type Change = Pick<Mutant, "operator" | "start" | "end" | "after">;

function changesOf(node: Node, bytes: Buffer): Change[] {
  const [start, end] = range(node);
  switch (node.nodeType) {
    case "BinaryOperation": {
      // A constant expression in a type or an identifier of an EIP-712 string is none.
      const swap = BINARY[node.operator as string];
      const between = [range(node.leftExpression as Node)[1], range(node.rightExpression as Node)[0]] as const;
      return swap === undefined ? [] : token(bytes, between, node.operator as string, swap);
    }
    case "Assignment": {
      const swap = ASSIGNMENT[node.operator as string];
      const between = [range(node.leftHandSide as Node)[1], range(node.rightHandSide as Node)[0]] as const;
      return swap === undefined ? [] : token(bytes, between, node.operator as string, swap);
    }
    case "UnaryOperation": {
      if (node.operator === "!") return token(bytes, [start, end], "!", "");
      if (node.operator === "++") return token(bytes, [start, end], "++", "--");
      if (node.operator === "--") return token(bytes, [start, end], "--", "++");
      return [];
    }
    case "Literal": {
      if (node.kind === "bool") {
        return [{ operator: "flip boolean", start, end, after: node.value === "true" ? "false" : "true" }];
      }
      const isPlain = node.kind === "number" && /^\d+$/.test(node.value as string);
      return isPlain ? [{ operator: "constant + 1", start, end, after: `${BigInt(node.value as string) + 1n}` }] : [];
    }
    case "MemberAccess": {
      const swap = CALLS[node.memberName as string];
      const tail = [range(node.expression as Node)[1], end] as const;
      return swap === undefined ? [] : token(bytes, tail, node.memberName as string, swap);
    }
    case "IfStatement": {
      const [conditionStart, conditionEnd] = range(node.condition as Node);
      return isRefusal(node.trueBody as Node)
        ? [{ operator: "remove refusal", start: conditionStart, end: conditionEnd, after: "false" }]
        : [
            { operator: "condition true", start: conditionStart, end: conditionEnd, after: "true" },
            { operator: "condition false", start: conditionStart, end: conditionEnd, after: "false" },
          ];
    }
    case "ExpressionStatement": {
      const { nodeType } = node.expression as Node;
      const isEffect = nodeType === "Assignment" || nodeType === "FunctionCall" || nodeType === "UnaryOperation";
      // Solidity has no empty statement: the semicolon goes too, and a block stands where an `if` wants one.
      const semicolon = bytes.indexOf(";", end);
      return isEffect ? [{ operator: "remove statement", start, end: semicolon + 1, after: "{}" }] : [];
    }
    case "FunctionDefinition":
      return (node.modifiers as Node[]).flatMap((modifier) => {
        const [from, to] = range(modifier);
        // Base constructors stand among the modifiers; without them nothing compiles, which counts as no mutant.
        return [{ operator: "remove modifier", start: from, end: to, after: "" }];
      });
    default:
      return [];
  }
}

/** A replacement of the one token between two bytes, which no comment there may hide. */
function token(bytes: Buffer, [start, end]: readonly [number, number], from: string, to: string): Change[] {
  const at = bytes.subarray(start, end).toString("latin1").indexOf(from);
  if (at < 0) return [];
  return [{ operator: `${from} → ${to || "nothing"}`, start: start + at, end: start + at + from.length, after: to }];
}

function isRefusal(body: Node): boolean {
  const only = body.nodeType === "Block" ? (body.statements as Node[]) : [body];
  return only.length === 1 && only[0]!.nodeType === "RevertStatement";
}

function range({ src }: Node): [number, number] {
  const [start, length] = src.split(":").map(Number) as [number, number];
  return [start, start + length];
}

const NAMED = new Set(["FunctionDefinition", "ModifierDefinition"]);

/** All nodes but those of types, imports, events, errors and assembly. */
function walk(node: Node, inside: string, visit: (node: Node, inside: string) => void): void {
  if (
    ["ImportDirective", "EventDefinition", "ErrorDefinition", "InlineAssembly", "RevertStatement"].includes(
      node.nodeType,
    )
  )
    return;
  if (node.nodeType === "EmitStatement" || node.nodeType.endsWith("TypeName")) return;
  const name = NAMED.has(node.nodeType) ? (node.name as string) || (node.kind as string) : inside;
  visit(node, name);
  for (const [key, value] of Object.entries(node)) {
    if (key === "modifiers") continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && typeof (child as Node).nodeType === "string") {
        walk(child as Node, name, visit);
      }
    }
  }
}

function parse(files: readonly string[]): Record<string, Node> {
  const solc = createRequire(import.meta.url)("solc") as {
    compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
  };
  const sources = Object.fromEntries(files.map((file) => [file, { content: readFileSync(join(ROOT, file), "utf8") }]));
  const settings = { outputSelection: { "*": { "": ["ast"] } } };
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: "Solidity", sources, settings }), {
      import(path) {
        const found = [path, join("node_modules", path)].map((p) => join(ROOT, p)).find((p) => existsSync(p));
        return found === undefined ? { error: `${path} not found` } : { contents: readFileSync(found, "utf8") };
      },
    }),
  ) as { sources: Record<string, { ast: Node }>; errors?: { severity: string; formattedMessage: string }[] };
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(error.formattedMessage);
  return Object.fromEntries(files.map((file) => [file, output.sources[file]!.ast]));
}
