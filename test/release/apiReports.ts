/** Reports of what each entry point exports, by API Extractor, committed in `etc/`. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { declaredEntries } from "../../scripts/release/manifest.ts";
import type { PackedPackage } from "./project.ts";

const COMMITTED = join(import.meta.dirname, "../../etc");
const COMPILER = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    lib: ["es2024", "dom", "esnext.disposable"],
  },
};
/** The reports are for the API's shape: comments and types are checked elsewhere. */
const SILENT = { default: { logLevel: ExtractorLogLevel.None } };

/**
 * @param folder that of the project into which the libraries are installed
 * @param update whether to bring the committed reports up to date
 * @returns reports that differ from the committed ones
 */
export function changedReports(folder: string, libraries: readonly PackedPackage[], update: boolean): string[] {
  const reports = libraries.flatMap((library) => {
    // What lies in node_modules is somebody else's to API Extractor.
    const own = join(folder, "reported", basename(library.folder));
    cpSync(library.folder, own, { recursive: true });
    abbreviateGenerated(join(own, "lib/generated"));
    return declaredEntries(library).map(({ report, types }) => ({ report, config: configFor(own, report, types) }));
  });
  const [first, ...others] = reports.map(({ config }) => config);
  // One program for all: it takes longer to make than all reports.
  const additionalEntryPoints = others.map((config) => config.mainEntryPointFilePath);
  const compilerState = CompilerState.create(first!, { additionalEntryPoints });
  return reports.flatMap(({ report, config }) => {
    const { apiReportChanged } = Extractor.invoke(config, {
      compilerState,
      localBuild: update,
      messageCallback: (message) => {
        message.handled = true;
      },
    });
    return apiReportChanged && !update ? [`etc/${report}.api.md`] : [];
  });
}

/** ABIs and TypeChain's types are the contracts over again, at a hundred times the length of all else. */
function abbreviateGenerated(folder: string): void {
  if (!existsSync(folder)) return;
  const abis = join(folder, "abis.d.ts");
  const names = readFileSync(abis, "utf8").matchAll(/^export declare const (\w+)/gm);
  writeFileSync(abis, [...names].map(([, name]) => `export declare const ${name}: readonly object[];\n`).join(""));
  const contracts = join(folder, "ethers");
  for (const file of readdirSync(contracts).filter((file) => file.endsWith(".d.ts"))) {
    writeFileSync(join(contracts, file), `export interface ${basename(file, ".d.ts")} {}\n`);
  }
}

function configFor(folder: string, report: string, types: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      compiler: { overrideTsconfig: COMPILER },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: COMMITTED,
        reportTempFolder: join(folder, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: SILENT,
        extractorMessageReporting: SILENT,
        tsdocMessageReporting: SILENT,
      },
      newlineKind: "lf",
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, "package.json"),
  });
}
