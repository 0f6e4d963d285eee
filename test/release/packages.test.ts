// What is published, as its users get it: packed, installed into a project outside the workspace, checked, bundled, run.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { quoteBuy } from "@demec/chain";
import { serviceTopic } from "@demec/network/topics";
import { until } from "@demec/protocol/testing";
import { transformSync } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { JsonProcess } from "../../scripts/local/jsonProcess.ts";
import { Chromium, skipChromium } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, USD } from "../support/localMarket.ts";
import { run } from "../support/runCli.ts";
import { changedReports } from "./apiReports.ts";
import { serverComponent, viteBundle, webPage, webpackBundle } from "./bundlers.ts";
import type { Setting } from "./consumer/worker.ts";
import { type PackedPackage, Project } from "./project.ts";
import { bundledBytes, chunksOf, PAGE_LIMITS, SIZE_LIMITS } from "./sizes.ts";

const ROOT = join(import.meta.dirname, "../..");
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
/** Packages are ECMAScript modules only, for Node ≥ 22 and bundlers: what `require` of old Node or TypeScript's node10 can't do is no mistake. */
const NO_MISTAKE = new Set(["CJSResolvesToESM"]);

let project: Project;
/** Those that are imported: neither the command nor the add-ons. */
let libraries: readonly PackedPackage[];
before(() => {
  assert.ok(existsSync(join(ROOT, "dist/tarballs")), "nothing is packed: pnpm build:packages");
  project = new Project({ viem: devDependencies.viem, "@types/node": devDependencies["@types/node"] });
  libraries = project.packages.filter(({ bin, folder }) => bin === undefined && existsSync(join(folder, "lib")));
});
after(() => project?.[Symbol.dispose]());

test("every package has what it says it has, and carries neither sources nor tests", async () => {
  for (const { name, folder, tarball } of project.packages) {
    const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: false });
    assert.deepEqual(
      messages.map((message) => `${name}: ${formatMessage(message, pkg!)}`),
      [],
    );
    const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    // Templates are what is copied into a user's project: sources, tests and all.
    const stray = files.filter(
      (file) => !file.startsWith("package/templates/") && /\.test\.|\/testing|(?<!\.d)\.ts$/.test(file),
    );
    assert.deepEqual(stray, [], name);
    assert.ok(files.includes("package/LICENSE"), name);
  }
});

test("TypeScript finds the types of every entry point as Node and bundlers resolve it", async () => {
  for (const { name, tarball } of libraries) {
    const checked = await checkPackage(createPackageFromTarballData(readFileSync(tarball)), {
      excludeEntrypoints: ["./package.json"],
    });
    assert.ok(checked.types, `${name} has types`);
    const problems = checked.problems.filter(
      (problem) =>
        !NO_MISTAKE.has(problem.kind) && !("resolutionKind" in problem && problem.resolutionKind === "node10"),
    );
    assert.deepEqual(problems, [], name);
  }
});

test("the API is the one that is committed in etc/, where a change of it is seen in review (then: pnpm api:update)", () => {
  const update = process.env.DEMEC_API_UPDATE === "1";
  assert.deepEqual(changedReports(project.folder, libraries, update), []);
});

test("portable entry points bundle for browsers within their limits", async (t) => {
  for (const { code, limit } of SIZE_LIMITS) {
    const bytes = await bundledBytes(code, project.folder);
    t.diagnostic(`${code}: ${bytes} of ${limit} bytes`);
    assert.ok(bytes <= limit, `${code} takes ${bytes} bytes, not ${limit}`);
  }
});

test("the SDK's entry for pages takes 250 kB at most (gzip), and what it loads later is bounded too", async (t) => {
  const bytes = { "at once": 0, "to call": 0, later: 0 };
  for (const { entry, when, gzipBytes } of await chunksOf(
    'export { connect } from "@demec/sdk/browser"',
    project.folder,
  )) {
    bytes[when] += gzipBytes;
    t.diagnostic(`${when}: ${gzipBytes} bytes, ${entry ?? "shared by others"}`);
  }
  for (const [when, limit] of Object.entries(PAGE_LIMITS)) {
    t.diagnostic(`${when}: ${bytes[when as keyof typeof bytes]} of ${limit} bytes`);
    assert.ok(bytes[when as keyof typeof bytes] <= limit, JSON.stringify(bytes));
  }
});

test("programs type-check against the packed declarations, under nodenext and under bundler resolution", () => {
  const strict = { strict: true, noEmit: true, target: "es2024", verbatimModuleSyntax: true, module: "nodenext" };
  const programs = {
    node: { ...strict, types: ["node"], skipLibCheck: false },
    browser: {
      ...strict,
      module: "preserve",
      moduleResolution: "bundler",
      types: [],
      lib: ["es2024", "dom"],
      skipLibCheck: true,
    },
  };
  for (const [name, compilerOptions] of Object.entries(programs)) {
    const files = name === "node" ? ["node.ts"] : ["browser.ts", "page.ts", "worker.ts", "fetches.ts"];
    for (const file of files) copyFileSync(join(import.meta.dirname, "consumer", file), join(project.folder, file));
    const config = project.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files }));
    const { stdout } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config], {
      encoding: "utf8",
    });
    assert.equal(stdout, "", name);
  }
});

test("the packed command makes a function, builds it and serves it on a network of its own, which dies with it", async (t) => {
  const command = join(project.folder, "node_modules/@demec/cli/lib/main.js");
  const shouter = join(project.folder, "shouter");
  const env = { DEMEC_HOME: join(project.folder, "home") };
  const init = await run(command, ["init", shouter, "--no-install", "--json"], env);
  assert.equal(init.code, 0, init.stderr);
  // What npm would install.
  symlinkSync(join(ROOT, "node_modules"), join(shouter, "node_modules"));
  const build = await run(command, ["build", "--json"], env, "", shouter);
  assert.equal(build.code, 0, build.stderr);
  const dev = new JsonProcess(command, ["dev", shouter, "--json"], { env });
  t.after(() => dev.kill("SIGKILL"));
  const { rpc } = await dev.nextObject();
  assert.equal((await dev.nextObject()).name, "shouter");
  const ran = await run(command, ["invoke", "shouter"], env, "hello, edge");
  assert.deepEqual([ran.stdout.toString(), ran.code], ["HELLO, EDGE", 0], ran.stderr);
  await dev.kill("SIGKILL");
  await until("the chain is gone", async () => (await fetch(String(rpc)).catch(() => null)) === null);

  const { version } = JSON.parse(readFileSync(join(project.folder, "node_modules/@demec/cli/package.json"), "utf8"));
  assert.equal((await run(command, ["--version"], env)).stdout.toString(), `${version}\n`);
  const app = join(project.folder, "app");
  assert.equal((await run(command, ["init", app, "--template", "app", "--no-install"], env)).code, 0);
  const { dependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  assert.deepEqual(dependencies, { "@demec/sdk": version }, "from the registry, as the command came");
});

test("the packed command serves, the README's hello world with the packed SDK pays it for a call, and bundled pages see the price", async (t) => {
  const [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  t.after(() => market.stop());
  const service = await market.publish(shout);
  const command = join(project.folder, "node_modules/@demec/cli/lib/main.js");
  const provider = await market.spawnProvider({ services: [service], program: command });
  const hello = join(project.folder, "hello.ts");
  copyFileSync(join(ROOT, "examples/hello/hello.ts"), hello);
  const buyer = await market.account({ usd: USD });
  const ran = await run(hello, [service], market.environment(buyer));
  assert.deepEqual([ran.stderr, ran.stdout.toString(), ran.code], ["", "HELLO, EDGE\n", 0]);

  for (const name of ["browser", "page", "worker", "fetches"]) {
    const script = readFileSync(join(import.meta.dirname, `consumer/${name}.ts`), "utf8");
    project.write(`${name}.js`, transformSync(script, { loader: "ts" }).code);
  }
  const serviceId = BigInt(service.split("/").at(-1)!);
  const { cost } = await quoteBuy(market.client, market.deployment, { serviceId, credits: CREDIT });
  const bundles = [
    await viteBundle(project.folder, "browser.js"),
    await webpackBundle(project.folder, "browser.js", "browser", webPage),
    await webpackBundle(project.folder, "browser.js", "server", serverComponent),
  ];
  for (const bundle of bundles) {
    const { quote } = await import(bundle);
    const { rpcUrl, deploymentFile } = market.network;
    assert.equal(await quote(rpcUrl, readFileSync(deploymentFile, "utf8"), serviceId, CREDIT), cost, bundle);
  }

  await t.test(
    "and a page finds that provider by itself, by bundlers that were told nothing of it",
    { skip: skipChromium },
    async () => {
      await using chromium = await Chromium.launch();
      const bundles = [
        await viteBundle(project.folder, "page.js"),
        await webpackBundle(project.folder, "page.js", "page", webPage),
      ];
      for (const bundle of bundles) {
        await using page = await chromium.openPage<typeof import("./consumer/page.ts")>(bundle);
        const found = await page.call("callAll", [provider.guide!], serviceTopic(service));
        assert.deepEqual(found, [{ publicKey: provider.nodeKey, carrier: "websocket" }], bundle);
      }
    },
  );

  await t.test(
    "and a bundled service worker pays that provider for what its pages fetch",
    { skip: skipChromium },
    async () => {
      await using chromium = await Chromium.launch();
      const { privateKey } = await market.account({ usd: 10n * USD });
      const { rpcUrl, deploymentFile } = market.network;
      const setting: Setting = {
        ...{ privateKey, rpcUrl, deployment: readFileSync(deploymentFile, "utf8"), guide: provider.guide!, service },
        budget: `${USD}`,
      };
      const bundlesOf = async (name: string) => [
        await viteBundle(project.folder, `${name}.js`),
        await webpackBundle(project.folder, `${name}.js`, name, webPage),
      ];
      const [workers, pages] = [await bundlesOf("worker"), await bundlesOf("fetches")];
      for (const [i, worker] of workers.entries()) {
        const path = `/worker-${i}.js` as const;
        await chromium.serve(path, worker);
        await using page = await chromium.openPage<typeof import("./consumer/fetches.ts")>(pages[i]!);
        const script = `${path}?setting=${encodeURIComponent(JSON.stringify(setting))}`;
        const answer = await page.call("fetchThrough", script, "/demec/shout", `hello, bundle ${i}`);
        assert.deepEqual(answer, { status: 200, text: `HELLO, BUNDLE ${i}`, isPaid: true }, worker);
      }
    },
  );
});
