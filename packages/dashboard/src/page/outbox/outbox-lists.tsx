import { type Write, WriteList } from "../lists/write-list.tsx";
import { matching } from "../matching.ts";
import { Filters } from "../parts/filters.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import type { Query } from "../routes.ts";
import { writeText } from "../words.ts";

interface OutboxListsProps {
  readonly pending: readonly Write[];
  readonly failed: readonly Write[];
  readonly sent: readonly Write[];
  /** How many there are in all: the lists hold the newest. */
  readonly counts: { readonly pending: number; readonly failed: number };
  readonly query: Query;
  readonly hash: (state: string) => string;
  readonly withProfile: boolean;
}

/** Writes by how they stand, those that failed first: they wait for somebody. */
export function OutboxLists({ pending, failed, sent, counts, query, hash, withProfile }: OutboxListsProps) {
  const { q, state = "" } = query;
  const fits = matching(q);
  const parts = [
    { name: "failed", title: "Failed or held back", of: failed, count: counts.failed, none: "No write has failed." },
    { name: "pending", title: "On the way", of: pending, count: counts.pending, none: "Nothing is on the way." },
    { name: "sent", title: "Sent last", of: sent, count: undefined, none: "Nothing was sent yet." },
  ];
  return (
    <>
      <Filters
        label="State of the writes"
        chosen={state}
        hash={hash}
        choices={[
          ["", "All"],
          ["failed", "Failed", counts.failed],
          ["pending", "On the way", counts.pending],
          ["sent", "Sent"],
        ]}
      />
      {parts
        .filter(({ name }) => state === "" || state === name)
        .map(({ name, title, of, count, none }) => {
          const shown = of.filter((write) => writeFits(write, fits));
          const tone = name === "failed" && count ? { tone: "bad" as const } : {};
          return (
            <Section key={name} id={`writes-${name}`} title={title} {...(count ? { count } : {})} {...tone}>
              {shown.length > 0 && <WriteList of={shown} {...{ withProfile }} />}
              {shown.length === 0 && <Nothing>{of.length === 0 ? none : "Nothing fits the search."}</Nothing>}
              {count !== undefined && count > of.length && of.length > 0 && (
                <p class="hint">
                  The newest {of.length} of {count}.
                </p>
              )}
            </Section>
          );
        })}
    </>
  );
}

const writeFits = (write: Write, fits: ReturnType<typeof matching>): boolean =>
  fits(
    ...[write.profileId, String(write.id), write.kind, writeText(write.kind), write.preview, write.lastError],
    write.number === null ? null : `#${write.number}`,
  );
