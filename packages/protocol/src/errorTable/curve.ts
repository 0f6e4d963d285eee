import type { RoomErrors } from "./descriptor.ts";

export const curveErrors = {
  "curve/unordered": {
    retryable: false,
    next: "Give control points with strictly increasing supply and non-decreasing price.",
  },
  "curve/out-of-range": { retryable: false, next: "Keep supply and price inside the ranges stated in docs/curve.md." },
} as const satisfies RoomErrors<"curve">;
