// Every block of code that a reader may copy from the documentation: run against a market, or type-checked, or marked with
// the reason why not. docs/releasing.md says how blocks are marked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { buildFunctions } from "../../scripts/build-functions.ts";
import { FIRST, pages, type Snippet, snippetsOf } from "../../scripts/docs/snippets.ts";
import { Shell } from "./shell.ts";

const ROOT = join(import.meta.dirname, "../..");
/** What is no program: prose in columns, output, drawings (the site draws them when it is built), settings of other programs. */
const TEXT = new Set(["text", "mermaid", "ini"]);
const PROGRAMS = new Set(["ts", "tsx"]);

const byPage = pages().map((page) => ({ page, snippets: snippetsOf(page) }));
const all = byPage.flatMap(({ snippets }) => snippets);
const at = ({ page, line }: Snippet) => `${page}:${line}`;
const isProgram = ({ language, words }: Snippet) => PROGRAMS.has(language) && !words.has("no-run");
const isRun = ({ language, words }: Snippet) =>
  !words.has("no-run") && (language === "sh" || (PROGRAMS.has(language) && words.has("run")));

/** Below the repository, where its packages are found. */
const programs = join(ROOT, `.demec/snippets-${process.pid}`);
/** The programs that are not of the repository's own packages are checked where theirs are found. */
const folderOf = ({ attributes }: Snippet) =>
  attributes.in === undefined ? programs : join(ROOT, attributes.in, `.demec-snippets-${process.pid}`);
const programOf = (snippet: Snippet) => {
  return join(folderOf(snippet), `${at(snippet).replace(/[^\w]+/g, "-")}.${snippet.language}`);
};

const home = mkdtempSync(join(tmpdir(), "demec-docs-"));
const env = {
  ...process.env,
  DEMEC_HOME: join(home, "demec"),
  DEMEC_REPOSITORY: ROOT,
  NO_COLOR: "1",
  NODE_TEST_CONTEXT: "",
  npm_config_prefix: join(home, "global"),
  npm_config_update_notifier: "false",
  PATH: [join(home, "global/bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
};
const shells: Shell[] = [];

before(async () => {
  await buildFunctions();
  for (const snippet of all.filter(isProgram)) {
    mkdirSync(folderOf(snippet), { recursive: true });
    writeFileSync(programOf(snippet), `${snippet.given}\n${snippet.code}\nexport {};\n`);
  }
});
after(async () => {
  for (const shell of shells.reverse()) await shell.end();
  for (const folder of new Set([programs, ...all.map(folderOf)])) rmSync(folder, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

test("every block says what it is, and one that is not run says why", () => {
  for (const snippet of all) {
    const { language, words, attributes } = snippet;
    assert.notEqual(language, "", `${at(snippet)} names no language`);
    if (words.has("no-run")) {
      assert.ok((attributes.reason ?? "").length > 10, `${at(snippet)} is not run for no reason`);
    } else {
      const known = TEXT.has(language) || PROGRAMS.has(language) || language === "sh" || language === "json";
      assert.ok(known, `${at(snippet)}: nothing runs ${language}; mark it: no-run reason="…"`);
    }
  }
});

test("JSON is JSON", () => {
  for (const snippet of all.filter(({ language }) => language === "json")) {
    assert.doesNotThrow(() => JSON.parse(snippet.code), at(snippet));
  }
});

test("every program in TypeScript fits the types of the packages", () => {
  const files = all.filter(isProgram).map(programOf);
  const config = join(programs, "tsconfig.json");
  mkdirSync(programs, { recursive: true });
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(config, JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, files, include: [] }));
  const { stdout } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config], {
    encoding: "utf8",
  });
  assert.equal(stdout, "");
});

for (const { page, snippets } of byPage.filter(({ snippets }) => snippets.some(isRun))) {
  test(`${page} runs as it stands`, async () => {
    const folder = join(home, page.replaceAll("/", "-"));
    mkdirSync(folder);
    const shell = new Shell(folder, env);
    shells.push(shell);
    let said = "";
    for (const snippet of snippets) {
      const { words, attributes, code } = snippet;
      if (words.has("output")) {
        assert.equal(said.trim(), code.trim(), `${at(snippet)} is what the block before it says`);
      } else if (isRun(snippet)) {
        const block = PROGRAMS.has(snippet.language) ? `node ${programOf(snippet)} ${attributes.args ?? ""}` : code;
        try {
          if (attributes.until === undefined) said = await shell.run(block);
          else await shell.start(block, attributes.until);
        } catch (error) {
          assert.fail(`${at(snippet)}: ${(error as Error).message}`);
        }
      }
    }
    // What the first page leaves running is what the others talk to.
    if (page !== FIRST) await shells.pop()!.end();
  });
}
