// The optional peer, as far as it is used: it is not installed where this package is built.
declare module "@lit-protocol/lit-node-client" {
  const module: import("./client.ts").LitClientModule;
  export default module;
}
