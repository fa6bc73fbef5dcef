import type { Connection } from "../live-documents.ts";

const words: Readonly<Record<Connection, string>> = {
  connecting: "Connecting",
  live: "Live",
  lost: "Connection lost",
};

const meanings: Readonly<Record<Connection, string>> = {
  connecting: "The page asks the dashboard for everything.",
  live: "What is shown is of now; changes come by themselves.",
  lost: "The dashboard does not answer. What is shown is of then; the page tries again by itself.",
};

/** Whether what is shown is of now. */
export function ConnectionPill({ connection }: { readonly connection: Connection }) {
  return (
    <p class={`pill ${connection}`} title={meanings[connection]}>
      <span class="dot" aria-hidden="true" />
      <span class="pill-text">{words[connection]}</span>
    </p>
  );
}
