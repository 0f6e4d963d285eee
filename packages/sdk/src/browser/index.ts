export type { Guide } from "@demec/network/browser";
export type { WhenOwned } from "@demec/session/browser";
export type { ConnectedDemec } from "../connected.ts";
export { type ConnectOptions, connect, type PageDemec } from "./connect.ts";
export type { InjectedWallet } from "./wallet.ts";
