import type { ItemDocument } from "../../documents/index.ts";
import { type Board, readable } from "../board.ts";
import { useJson } from "../fetch-json.ts";
import { OutsideLink } from "../parts/outside-link.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { hashOf } from "../routes.ts";
import { Asked } from "./asked.tsx";
import "./detail.css";
import { ItemSessions } from "./item-sessions.tsx";
import { ItemStanding } from "./item-standing.tsx";
import { ItemWrites } from "./item-writes.tsx";
import { Timeline } from "./timeline.tsx";
import { useSlowly } from "./use-slowly.ts";
import { useStory } from "./use-story.ts";

interface ItemPageProps {
  readonly profileId: string;
  readonly subject: string;
  readonly board: Board;
}

/** One issue or pull request: why it stands where it stands, and everything that happened to it. */
export function ItemPage({ profileId, subject, board }: ItemPageProps) {
  const profile = readable(board).find((one) => one.profileId === profileId);
  const version = useSlowly(profile, 1_500);
  const path = `/api/v1/items/${encodeURIComponent(`${profileId}:${subject}`)}`;
  const fetched = useJson<ItemDocument>(path, version);
  return (
    <div class="page detail">
      <Asked fetched={fetched} title={`${subject} of ${profileId}`}>
        {(item) => <Item item={{ ...item, title: item.title ?? profile?.titles[subject] ?? null }} />}
      </Asked>
    </div>
  );
}

function Item({ item }: { readonly item: ItemDocument }) {
  const { profileId, subject, title, sessions, writes } = item;
  const story = useStory(item);
  const [kind, number] = subject.split(":");
  return (
    <>
      <header class="detail-head">
        <p class="crumbs">
          <a href={hashOf({ page: "profile", profileId })}>{shownText(profileId, 80)}</a>
        </p>
        <h1>
          <span class="subject">
            {kind === "pr" ? "PR " : ""}#{shownText(number ?? "", 20)}
          </span>{" "}
          {title !== null && <Shown text={title} />}
        </h1>
        {item.url !== null && (
          <p>
            <OutsideLink url={item.url} text="Open it there" />
          </p>
        )}
      </header>
      <ItemStanding item={item} />
      <Section id="item-timeline" title="What happened" count={story.length}>
        {story.length === 0 ? (
          <Nothing>Nothing is written down of it.</Nothing>
        ) : (
          <Timeline {...{ profileId, entries: story }} />
        )}
      </Section>
      <Section id="item-sessions" title="Sessions" count={sessions.length}>
        {sessions.length === 0 ? <Nothing>Nobody has worked on it.</Nothing> : <ItemSessions sessions={sessions} />}
      </Section>
      <Section id="item-writes" title="Writes to the forge" count={writes.length}>
        {writes.length === 0 ? <Nothing>Nothing was written.</Nothing> : <ItemWrites writes={writes} />}
      </Section>
    </>
  );
}
