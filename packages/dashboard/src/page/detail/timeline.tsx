import { useMemo, useState } from "preact/hooks";
import { Shown, shownText } from "../parts/shown.tsx";
import { hashOf } from "../routes.ts";
import { Moment } from "./moment.tsx";
import { type TimelineGroup, timelineWords } from "./timeline-words.ts";
import type { StoryEntry } from "./use-story.ts";

const groupNames: Readonly<Record<TimelineGroup, string>> = {
  ...{ decisions: "Decisions", work: "Work", sessions: "Sessions", writes: "Writes", other: "Other" },
};

/** Drawn at first; the rest when somebody asks. */
const firstEntries = 100;

interface TimelineProps {
  readonly profileId: string;
  readonly entries: readonly StoryEntry[];
}

/** From the label to the merge: when, what, and who did it. The newest is the last. */
export function Timeline({ profileId, entries }: TimelineProps) {
  const [group, setGroup] = useState<TimelineGroup | null>(null);
  const [shown, setShown] = useState(firstEntries);
  const groups = useMemo(() => new Set(entries.map(({ kind }) => timelineWords(kind, "").group)), [entries]);
  const kept = group === null ? entries : entries.filter(({ kind }) => timelineWords(kind, "").group === group);
  return (
    <>
      {groups.size > 1 && (
        // biome-ignore lint/a11y/useSemanticElements: buttons of which one is pressed, not a form
        <div class="choices" role="group" aria-label="What is shown of it">
          {[null, ...groups].map((one) => (
            <button type="button" class="button" key={one} aria-pressed={one === group} onClick={() => setGroup(one)}>
              {one === null ? "All" : groupNames[one]}
            </button>
          ))}
        </div>
      )}
      {kept.length > shown && (
        <button type="button" class="button more" onClick={() => setShown(shown + 200)}>
          Show {Math.min(200, kept.length - shown)} earlier of {kept.length}
        </button>
      )}
      <ol class="timeline">
        {kept.slice(-shown).map((entry) => (
          <Entry key={entry.seq} {...{ profileId, entry }} />
        ))}
      </ol>
    </>
  );
}

function Entry({ profileId, entry }: Pick<TimelineProps, "profileId"> & { readonly entry: StoryEntry }) {
  const { at, kind, actor, sessionId, text, of } = entry;
  const { words, rest, tone } = timelineWords(kind, text);
  return (
    <li class={`entry ${tone}`}>
      <span class="entry-time">
        <Moment at={at} />
      </span>
      <span class="entry-what">
        {of !== null && (
          <a class="entry-of" href={hashOf({ page: "item", profileId, subject: of })}>
            {shownText(of.replace("pr:", "PR #"), 40)}
          </a>
        )}{" "}
        <span class="entry-words">{shownText(words, 80)}</span>{" "}
        {sessionId !== null && (
          <a class="mono" href={hashOf({ page: "session", sessionId })}>
            {shownText(sessionId, 60)}
          </a>
        )}{" "}
        <Shown text={rest} />{" "}
        <span class="hint entry-actor" title={shownText(kind, 80)}>
          by {shownText(actor, 60)}
        </span>
      </span>
    </li>
  );
}
