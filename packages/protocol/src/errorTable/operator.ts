import type { operatorErrors as known } from "./operator.node.ts";

/** In a browser nothing throws these: their codes are known, their texts are not carried along. */
export const operatorErrors = {} as typeof known;
