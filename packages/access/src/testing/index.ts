export { testGate } from "./gateConformance.ts";
export type { GateStage } from "./gateStage.ts";
export { type SealerStage, testSealer } from "./sealerConformance.ts";
