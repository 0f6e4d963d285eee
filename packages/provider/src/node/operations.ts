export { LevelAccessStore } from "./accessStore.ts";
export { type Finding, finding } from "./health.ts";
export { bindServer, closeServer } from "./httpServer.ts";
export { type OperationsAddress, type OperationsServer, serveOperations } from "./operationsServer.ts";
