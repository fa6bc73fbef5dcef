import { Account } from "../acts/account.tsx";
import type { Connection } from "../live-documents.ts";
import { Icon } from "../parts/icon.tsx";
import { hashOf, type Route } from "../routes.ts";
import { type Theme, useTheme } from "../theme.ts";
import { ConnectionPill } from "./connection-pill.tsx";
import { SearchBox } from "./search-box.tsx";

interface HeaderProps {
  readonly route: Route;
  readonly connection: Connection;
  readonly isMenuOpen: boolean;
  readonly onMenu: () => void;
  readonly onHelp: () => void;
}

export function Header({ route, connection, isMenuOpen, onMenu, onHelp }: HeaderProps) {
  return (
    <header class="bar">
      <button
        type="button"
        class="icon-button menu-button"
        aria-expanded={isMenuOpen}
        aria-controls="places"
        onClick={onMenu}
      >
        <Icon name="menu" />
        <span class="unseen">Menu</span>
      </button>
      <a class="brand" href={hashOf({ page: "overview" })} aria-label="agent-control-plane, overview">
        <Icon name="mark" />
        <span class="brand-name" aria-hidden="true">
          agent-control-plane
        </span>
      </a>
      <SearchBox route={route} />
      <ConnectionPill connection={connection} />
      <Account connection={connection} />
      <ThemeButton />
      <button type="button" class="icon-button help-button" onClick={onHelp}>
        <Icon name="keyboard" />
        <span class="unseen">Keyboard</span>
      </button>
    </header>
  );
}

const themeWords: Readonly<Record<Theme, string>> = {
  system: "Theme: as the system",
  light: "Theme: light",
  dark: "Theme: dark",
};

function ThemeButton() {
  const [theme, turn] = useTheme();
  return (
    <button type="button" class="icon-button" title={themeWords[theme]} onClick={turn} data-key="t">
      <Icon name={theme} />
      <span class="unseen">{themeWords[theme]}</span>
    </button>
  );
}
