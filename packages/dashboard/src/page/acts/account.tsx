import { useEffect } from "preact/hooks";
import type { Connection } from "../live-documents.ts";
import { keepPlace } from "../login/keep-place.ts";
import { shownText } from "../parts/shown.tsx";
import { Command } from "../parts/what-to-do.tsx";
import "./acts.css";
import { askWhoIAm, useMe } from "./me.ts";
import { logOut } from "./perform-act.ts";

/** Who is logged in, where somebody is. Asked again whenever the connection comes or goes: the server may be another. */
export function Account({ connection }: { readonly connection: Connection }) {
  const known = useMe();
  useEffect(() => void askWhoIAm(), [connection]);
  if (known.kind !== "me" || known.me.person === null) return null;
  return (
    <button type="button" class="button account" onClick={() => void logOut()}>
      <span class="account-name">{shownText(known.me.person, 40)}</span> <span class="account-act">log out</span>
    </button>
  );
}

/** What stands above the page when this browser is not logged in any more; what is shown below is of then. */
export function LoginOver() {
  const isOver = useMe().kind === "stranger";
  // Each time it is drawn: the page can still be walked through, and the login may be opened in this very tab.
  useEffect(() => {
    if (isOver) keepPlace();
  });
  if (!isOver) return null;
  return (
    <section class="card notice bad" role="alert">
      <h2>The login is over</h2>
      <p>
        Where the dashboard runs, <Command text="acp dashboard-login" /> prints the next address. Opened in this
        browser, this page goes on by itself.
      </p>
    </section>
  );
}
