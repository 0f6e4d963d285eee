// Slither's findings, each of which docs/audit/slither.md must answer: a row of its table names the check, the places
// (Contract.function) and the answer. A finding without an answer fails, and so does an answer without a finding.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runForge } from "./forge.ts";
import { type Outcome, ROOT, SCRATCH, skipped } from "./outcome.ts";
import { preparePython, runPython } from "./python.ts";

interface Element {
  readonly type: string;
  readonly name: string;
  readonly type_specific_fields?: { readonly parent?: Element };
}
interface Report {
  readonly success: boolean;
  readonly error: string | null;
  readonly results: { readonly detectors?: readonly { check: string; description: string; elements: Element[] }[] };
}

export function slither(): Outcome {
  const reason = preparePython();
  if (reason !== null) return skipped(reason);
  const folder = join(SCRATCH, "slither");
  const report = join(folder, "report.json");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const build = runForge(["build", "--build-info", "--force"], { profile: "slither" });
  if (build.status !== 0) return { status: "failed", lines: (build.stdout + build.stderr).split("\n").slice(-15) };
  const args = [
    ".",
    "--compile-force-framework",
    "foundry",
    "--foundry-ignore-compile",
    "--filter-paths",
    "node_modules",
  ];
  const folders = [
    "--foundry-out-directory",
    ".demec/slither/out",
    "--foundry-build-info-directory",
    ".demec/slither/build-info",
  ];
  // Slither's exit code tells of findings; the report tells whether it ran.
  const run = runPython("slither", [...args, ...folders, "--json", report], { cwd: ROOT, profile: "slither" });
  let parsed: Report;
  try {
    parsed = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return { status: "failed", lines: (run.stdout + run.stderr).split("\n").slice(-15) };
  }
  if (!parsed.success) return { status: "failed", lines: [parsed.error ?? "Slither failed."] };

  const answered = answers(readFileSync(join(ROOT, "docs/audit/slither.md"), "utf8"));
  const found = new Map(
    (parsed.results.detectors ?? []).map((finding) => [keyOf(finding.check, finding.elements[0]), finding]),
  );
  const open = [...found].filter(([key]) => !answered.has(key));
  const stale = [...answered].filter((key) => !found.has(key));
  return {
    status: open.length + stale.length === 0 ? "passed" : "failed",
    lines: [
      `${found.size} places with findings, ${open.length} without an answer`,
      ...open.map(
        ([key, { description }]) => `without an answer: ${key}: ${description.replace(/\s+/g, " ").slice(0, 160)}`,
      ),
      ...stale.map((key) => `answered, but no longer found: ${key}`),
    ],
  };
}

/** `check Contract.function`: stable when lines move. */
function keyOf(check: string, element: Element | undefined): string {
  const path: string[] = [];
  for (let at = element; at !== undefined; at = at.type_specific_fields?.parent) {
    if (at.type === "function" || at.type === "contract") path.unshift(at.name);
  }
  return `${check} ${path.join(".")}`;
}

function answers(markdown: string): Set<string> {
  const keys = [...markdown.matchAll(/^\| `([a-z0-9-]+)` +\| ([^|]+) \|/gm)].flatMap(([, check, places]) =>
    [...places!.matchAll(/`([^`]+)`/g)].map(([, place]) => `${check} ${place}`),
  );
  return new Set(keys);
}
