import { useEffect, useRef, useState } from "preact/hooks";
import { type Board, readable } from "../board.ts";
import type { Connection } from "../live-documents.ts";

/** Between two announcements: a screen reader is told how things stand, not each step that led there. */
const calmMs = 10_000;

/** What those hear who do not see the page: that the connection is lost, that something needs them. */
export function Announcer({ board, connection }: { readonly board: Board; readonly connection: Connection }) {
  const asking = readable(board).reduce((sum, { needsPerson }) => sum + needsPerson.length, 0);
  const words = wordsOf(connection, asking);
  const [said, setSaid] = useState("");
  const latest = useRef(words);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  latest.current = words;
  useEffect(() => {
    if (words === said || timer.current !== null) return;
    timer.current = setTimeout(
      () => {
        timer.current = null;
        setSaid(latest.current);
      },
      said === "" ? 1_000 : calmMs,
    );
  }, [words, said]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

function wordsOf(connection: Connection, asking: number): string {
  if (connection === "lost") return "Connection to the dashboard lost. The page tries again.";
  if (connection === "connecting") return "";
  if (asking === 0) return "Live. Nothing needs a person.";
  return asking === 1 ? "Live. One thing needs a person." : `Live. ${asking} things need a person.`;
}
