/** Where the source uses the codes of `ERROR_TABLE`, and the sentences it says with them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_TABLE, type ErrorCode } from "@demec/protocol";
import ts from "typescript";

const ROOT = join(import.meta.dirname, "../..");
/** The table, in one file for each room. */
const TABLE = "packages/protocol/src/errorTable";
/** Where a revert becomes a code. */
const REVERTS = "packages/chain/src/errors.ts";
const CODE = /^[a-z]+\/[a-z0-9-]+$/;

export interface ErrorUses {
  /** Every code that the source names, with the sentences that stand beside it; `‹value›` for what a sentence fills in. */
  readonly sentences: ReadonlyMap<ErrorCode, ReadonlySet<string>>;
  /** Custom errors of contracts, by name, and the code that each becomes. */
  readonly reverts: ReadonlyMap<string, ErrorCode>;
  /** What a `DemecError` is made with that the table does not have: "file: code". */
  readonly unknown: readonly string[];
}

/** Reads the packages' sources, without tests and the table itself. */
export function errorUses(): ErrorUses {
  const sentences = new Map<ErrorCode, Set<string>>();
  const reverts = new Map<string, ErrorCode>();
  const unknown: string[] = [];
  for (const path of sources()) {
    const file = ts.createSourceFile(path, readFileSync(join(ROOT, path), "utf8"), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) && CODE.test(node.text)) note(node, node.text);
      ts.forEachChild(node, visit);
    };
    const note = (node: ts.StringLiteralLike, code: string) => {
      if (!isCode(code)) {
        if (isErrorsCode(node)) unknown.push(`${path}: ${code}`);
        return;
      }
      const key = ts.isPropertyAssignment(node.parent) ? node.parent.name.getText() : "";
      if (path === REVERTS && /^[A-Z][A-Za-z0-9]*[a-z]/.test(key)) reverts.set(key, code);
      const said = sentences.get(code) ?? new Set();
      sentences.set(code, said);
      for (const sentence of sentencesBeside(node)) said.add(sentence);
    };
    visit(file);
  }
  return { sentences, reverts, unknown };
}

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERROR_TABLE, text);

function sources(): string[] {
  return readdirSync(join(ROOT, "packages"), { recursive: true, encoding: "utf8" })
    .map((path) => `packages/${path}`)
    .filter((path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) && !/\.test\.|\/generated\/|\/testing/.test(path))
    .filter((path) => !path.startsWith(TABLE))
    .sort();
}

/** Whether it is the code of `new DemecError("…", …)`. */
function isErrorsCode(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isNewExpression(parent) && parent.expression.getText() === "DemecError" && parent.arguments?.[0] === node;
}

/** What stands beside a code: the argument after it, as in `refuse(code, sentence)`, or `message` in `{ code, message }`. */
function sentencesBeside(code: ts.Node): string[] {
  // A code that a condition chooses stands one level further in.
  const chosen = ts.isConditionalExpression(code.parent) ? code.parent : code;
  const { parent } = chosen;
  if (ts.isNewExpression(parent) || ts.isCallExpression(parent)) {
    const all: readonly ts.Node[] = parent.arguments ?? [];
    return textsOf(all[all.indexOf(chosen) + 1]);
  }
  if (!ts.isPropertyAssignment(parent)) return [];
  const message = parent.parent.properties.find((property) => property.name?.getText() === "message");
  if (message === undefined) return [];
  return textsOf(ts.isPropertyAssignment(message) ? message.initializer : message.name);
}

/** The sentences that an expression can be; none where the source does not say. */
function textsOf(node: ts.Node | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return CODE.test(node.text) ? [] : [node.text];
  if (ts.isTemplateExpression(node)) {
    return [
      node.templateSpans.reduce(
        (text, { expression, literal }) => `${text}‹${nameOf(expression)}›${literal.text}`,
        node.head.text,
      ),
    ];
  }
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  return ts.isIdentifier(node) ? meaningsOf(node) : [];
}

/** Of a name: what it is declared as, or, of a function's parameter, what the file's calls of this function give it. */
function meaningsOf({ text: name, parent }: ts.Identifier): string[] {
  for (let scope = parent; scope !== undefined; scope = scope.parent) {
    if (ts.isBlock(scope) || ts.isSourceFile(scope)) {
      const declared = scope.statements
        .filter(ts.isVariableStatement)
        .flatMap(({ declarationList }) => [...declarationList.declarations])
        .find((declaration) => declaration.name.getText() === name);
      if (declared !== undefined) return textsOf(declared.initializer);
    }
    if (ts.isFunctionLike(scope)) {
      const place = scope.parameters.findIndex((parameter) => parameter.name.getText() === name);
      if (place >= 0) return argumentsAt(place, nameOfFunction(scope), scope.getSourceFile());
    }
  }
  return [];
}

function nameOfFunction(node: ts.SignatureDeclaration): string | undefined {
  return (node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined))?.getText();
}

function argumentsAt(place: number, callee: string | undefined, file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText().replace(/^this\./, "") === callee) {
      const argument = node.arguments[place];
      // A parameter that is handed on would lead round in circles.
      if (argument !== undefined && !ts.isIdentifier(argument)) found.push(...textsOf(argument));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What a filled-in value is called: the last name in its expression. */
function nameOf(expression: ts.Expression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  if (ts.isCallExpression(expression)) return nameOf(expression.arguments[0] ?? expression.expression);
  return ts.isIdentifier(expression) ? expression.text : "value";
}
