import { useState } from "preact/hooks";

/** `system`: as the machine has it. */
export type Theme = "system" | "light" | "dark";

const kept = "acp-theme";
const next: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };

/** The theme in force, and an act that takes the next one and keeps it for this browser. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState(keptTheme);
  const turn = () => {
    const chosen = next[theme];
    showTheme(chosen);
    setTheme(chosen);
    try {
      localStorage.setItem(kept, chosen);
    } catch {
      // A browser that keeps nothing shows it all the same.
    }
  };
  return [theme, turn];
}

/** Before the first drawing. */
export const showKeptTheme = (): void => showTheme(keptTheme());

function keptTheme(): Theme {
  try {
    const said = localStorage.getItem(kept);
    return said === "light" || said === "dark" ? said : "system";
  } catch {
    return "system";
  }
}

function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
