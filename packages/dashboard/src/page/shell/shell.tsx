import { useEffect, useMemo, useState } from "preact/hooks";
import { LoginOver } from "../acts/account.tsx";
import { ActDialog } from "../acts/act-dialog.tsx";
import { readBoard } from "../board.ts";
import { type Connection, type Documents, followDocuments } from "../live-documents.ts";
import type { Route } from "../routes.ts";
import { useRoute } from "../use-route.ts";
import { Announcer } from "./announcer.tsx";
import { Header } from "./header.tsx";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { PageOfRoute } from "./page-of-route.tsx";
import { SideNav } from "./side-nav.tsx";
import { titleOf } from "./title-of.ts";
import { useKeyboard } from "./use-keyboard.ts";

/** What stands around every page: landmarks, where one can go, whether what is shown is of now. */
export function Shell() {
  const [documents, setDocuments] = useState<Documents | null>(null);
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => followDocuments(setDocuments, setConnection), []);
  const route = useRoute();
  const board = useMemo(() => readBoard(documents ?? {}), [documents]);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const keyboard = useKeyboard();
  useEffect(() => setMenuOpen(false), [route]);
  useArrival(route);
  return (
    <>
      <button type="button" class="skip" onClick={toMain}>
        Skip to content
      </button>
      <Header
        {...{ route, connection, isMenuOpen }}
        onMenu={() => setMenuOpen(!isMenuOpen)}
        onHelp={keyboard.openHelp}
      />
      <div class="frame">
        <SideNav {...{ board, route }} isOpen={isMenuOpen} />
        <main id="main" tabIndex={-1} class={connection === "lost" ? "stale" : ""}>
          <LoginOver />
          {documents === null ? <p class="hint loading">Reading…</p> : <PageOfRoute {...{ board, route, documents }} />}
        </main>
      </div>
      <Announcer {...{ board, connection }} />
      <KeyboardHelp {...keyboard} />
      <ActDialog />
    </>
  );
}

/** No link: the hash of the address says the place in the page. */
function toMain(): void {
  document.getElementById("main")?.focus();
}

/** Another page begins at its top, its name stands in the tab, and a screen reader reads on from there. */
function useArrival(route: Route): void {
  const title = titleOf(route);
  const [arrivedAt, setArrived] = useState(title);
  useEffect(() => {
    document.title = `${title} · agent-control-plane`;
    if (title === arrivedAt) return;
    setArrived(title);
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [title, arrivedAt]);
}
