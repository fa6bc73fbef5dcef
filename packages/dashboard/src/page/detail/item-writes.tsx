import type { ShownWrite } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";

/** What was, is or will be written to the forge about it, the newest first. */
export function ItemWrites({ writes }: { readonly writes: readonly ShownWrite[] }) {
  return (
    <Many of={writes.toReversed()} what="writes" first={20} class="item-writes">
      {(write) => <Write key={write.id} write={write} />}
    </Many>
  );
}

const tones = { sent: "good", pending: "wait", failed: "bad" } as const;

function Write({ write }: { readonly write: ShownWrite }) {
  const { id, kind, state, number, preview, tries, lastError, nextAt, sentAt, createdAt } = write;
  return (
    <li>
      <p>
        <Badge tone={tones[state as keyof typeof tones] ?? "off"}>{shownText(state, 40)}</Badge>{" "}
        <strong>{shownText(kind.replaceAll("-", " "), 60)}</strong>
        {number !== null && ` #${number}`} <Shown text={preview} most={200} />
      </p>
      <p class="hint">
        {sentAt === null ? "asked for " : "sent "}
        <Ago at={sentAt ?? createdAt} />, row {id}
        {tries > 1 && `, ${tries} tries`}
        {nextAt !== null && (
          <>
            , next try <Ago at={nextAt} />
          </>
        )}
      </p>
      {lastError !== null && state !== "sent" && (
        <p class="error">
          <Shown text={lastError} />
        </p>
      )}
    </li>
  );
}
