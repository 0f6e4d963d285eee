export { type ConnectedDemec, type ConnectOptions, connect } from "./connect.ts";
export { FileVault } from "./fileVault.ts";
