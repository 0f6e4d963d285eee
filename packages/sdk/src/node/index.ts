export { type ConnectedDemec, type ConnectOptions, connect } from "./connect.ts";
export { parseEntryPoints, settingsFrom } from "./environment.ts";
export { FileVault } from "./fileVault.ts";
export { type RunningWatchtower, type StartWatchtowerOptions, startWatchtower } from "./startWatchtower.ts";
