// The house's arrows (design section 3): who may import whom. `pnpm check:arrows` fails on any other edge.
const allowed = {
  protocol: [],
  chain: ["protocol"],
  wasm: ["protocol"],
  network: ["protocol"],
  session: ["protocol"],
  access: ["protocol", "chain"],
  "access-lit": ["protocol", "chain", "access"],
  wasmtime: ["protocol", "wasm"],
  provider: ["protocol", "chain", "wasm", "wasmtime", "network", "session", "access"],
  sdk: ["protocol", "chain", "network", "session", "access"],
  react: ["protocol", "chain", "session", "sdk"],
  console: ["protocol", "chain", "network", "session", "sdk", "react"],
  gateway: ["protocol", "chain", "session", "access", "provider", "sdk"],
};

const arrows = Object.entries(allowed).map(([room, targets]) => ({
  name: `${room}-imports-only-${targets.join("-") || "nothing-of-ours"}`,
  severity: "error",
  from: { path: `^packages/${room}/` },
  to: { path: "^packages/", pathNot: `^packages/(${[room, ...targets].join("|")})/` },
}));

/** An optional peer, which is not installed where it is imported. */
const optionalPeer = "^@lit-protocol/lit-node-client$";

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: "portable-code-has-no-node-builtins",
      comment: "What the SDK and the portable cores need runs in a browser: Node lives in src/node/ and *.node.ts.",
      severity: "error",
      from: {
        path: "^packages/(protocol|chain|wasm|session|access|access-lit|provider|sdk)/src/",
        pathNot: "(/src/node/|\\.node\\.ts$|\\.test\\.ts$|/testing/)",
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "a-page's-node-has-no-node-builtins",
      comment: "What a page has of the network: the DHT, and doors to listen at, are a machine's.",
      severity: "error",
      from: {
        path: "^packages/network/src/(browser|guide|records|sodium|streams)/|^packages/network/src/[a-zA-Z]+\\.ts$",
        pathNot: "(\\.test\\.ts$|/testing\\.ts$|/index\\.ts$|/nodeSeed\\.ts$)",
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pages-need-no-channels",
      comment: "Opening channels takes modules that no bundler finds for a browser: a page brings its own network.",
      severity: "error",
      from: { path: "^packages/sdk/src/", pathNot: "(/node/|/watchtower/|\\.test\\.ts$|/testing/)" },
      to: { path: "^packages/network/src/(index|portable)\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-reaching-into-a-package",
      comment: "Other packages are imported by name, through their exports.",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/", pathNot: "^packages/$1/", dependencyTypes: ["local"] },
    },
    {
      name: "no-undeclared-package",
      severity: "error",
      from: { path: "^packages/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"], pathNot: optionalPeer },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { path: "^packages/" },
      to: { couldNotResolve: true, pathNot: optionalPeer },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|artifacts|cache|packages/console/dist)/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".cjs"],
    },
  },
};
