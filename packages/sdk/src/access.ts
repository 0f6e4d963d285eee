// What gated services and secrets need: most buyers meet neither, so it is loaded on the way. Named one by one, for bundlers
// keep all of a package that is imported as a whole.
export { nodeKeySealer, prove, sealVariables, signRevocation } from "@demec/access";
