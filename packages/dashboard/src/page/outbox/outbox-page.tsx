import type { ProfileDocument } from "../../documents/index.ts";
import { type Board, readable } from "../board.ts";
import { writesIn } from "../gathered.ts";
import type { Write } from "../lists/write-list.tsx";
import { hashOf, type Route } from "../routes.ts";
import { OutboxLists } from "./outbox-lists.tsx";

/** What all profiles write to the forge. */
export function OutboxPage({ board, route }: { readonly board: Board; readonly route: Route }) {
  const profiles = readable(board);
  const of = (state: keyof ProfileDocument["writes"]): readonly Write[] =>
    profiles.flatMap((profile) => writesIn(profile, state)).sort((a, b) => momentOf(b) - momentOf(a));
  const sum = (count: (outbox: ProfileDocument["outbox"]) => number) =>
    profiles.reduce((total, { outbox }) => total + count(outbox), 0);
  return (
    <div class="page">
      <div class="page-head">
        <h1>Outbox</h1>
        <p class="hint">Everything that is written to GitHub</p>
      </div>
      <OutboxLists
        pending={of("pending")}
        failed={of("failed")}
        sent={of("sent")}
        counts={{ pending: sum(({ pending }) => pending), failed: sum(({ failed, heldBack }) => failed + heldBack) }}
        query={route.query}
        hash={(state) => hashOf({ page: "outbox" }, { ...route.query, state })}
        withProfile
      />
    </div>
  );
}

const momentOf = ({ sentAt, createdAt }: Write): number => sentAt ?? createdAt;
