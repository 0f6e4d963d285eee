import { useSyncExternalStore } from "react";
import { type Frame, NARROW, WIDE } from "./geometry.ts";

const query = matchMedia("(max-width: 560px)");

function subscribe(listener: () => void): () => void {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

/** The frame that suits the window: on a phone a squarer one, so that what is written in it stays as large. */
export const useFrame = (): Frame => useSyncExternalStore(subscribe, () => (query.matches ? NARROW : WIDE));
