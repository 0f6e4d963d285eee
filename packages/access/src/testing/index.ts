export { type GateStage, testGate } from "./gateConformance.ts";
export { type SealerStage, testSealer } from "./sealerConformance.ts";
