export type { ConnectedDemec } from "../connected.ts";
export { type ConnectOptions, connect } from "./connect.ts";
export { type DevNetwork, demecHome, devNetworkFile, readDevNetwork } from "./devNetwork.ts";
export { formatEntryPoints, parseEntryPoints, settingsFrom } from "./environment.ts";
export { FileVault } from "./fileVault.ts";
export { forgetServices, rememberService, resolveServiceName } from "./serviceNames.ts";
export { type RunningWatchtower, type StartWatchtowerOptions, startWatchtower } from "./startWatchtower.ts";
