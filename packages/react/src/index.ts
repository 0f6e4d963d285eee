export { DemecProvider, type DemecProviderProps, useDemec } from "./provider.ts";
export { type CreditsState, useCredits } from "./useCredits.ts";
export { type Invocation, type InvokeHookOptions, useInvoke } from "./useInvoke.ts";
export { useService } from "./useService.ts";
