import { useState } from "react";
import { Icon } from "../ui/Icon.tsx";

type Theme = "system" | "light" | "dark";
const KEY = "demec:theme";
const NEXT = { system: "light", light: "dark", dark: "system" } as const;
const ICONS = { system: "system", light: "sun", dark: "moon" } as const;
const NAMES = { system: "as the system has it", light: "light", dark: "dark" } as const;

const chosen = (): Theme => (document.documentElement.dataset.theme as Theme | undefined) ?? "system";

/** Light, dark, or whichever the system has. public/theme.js reads the choice before anything is drawn. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(chosen);
  const turn = () => {
    const next = NEXT[theme];
    if (next === "system") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(KEY);
    } else {
      document.documentElement.dataset.theme = next;
      localStorage.setItem(KEY, next);
    }
    setTheme(next);
  };
  const label = `Colours: ${NAMES[theme]}. Change to ${NAMES[NEXT[theme]]}`;
  return (
    <button type="button" className="quiet icon" aria-label={label} title={label} onClick={turn}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
