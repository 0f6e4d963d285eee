export { DemecProvider, type DemecProviderProps, useDemec } from "./provider.ts";
export { type CreditsState, useCredits } from "./useCredits.ts";
export { type Invocation, useInvoke } from "./useInvoke.ts";
export { useService } from "./useService.ts";
