import { useCallback, useState } from "react";
import type { Draft } from "./draft.ts";

const KEY = "demec:draft";

/** A draft that a reload of the page does not lose. */
export function useKeptDraft(first: Draft): [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState<Draft>(() => ({ ...first, ...read() }));
  const keep = useCallback((next: Draft) => {
    localStorage.setItem(KEY, JSON.stringify(next));
    setDraft(next);
  }, []);
  return [draft, keep];
}

function read(): Partial<Draft> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}
