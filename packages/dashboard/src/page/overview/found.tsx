import type { ProfileDocument } from "../../documents/index.ts";
import { type Board, readable } from "../board.ts";
import { askingIn } from "../gathered.ts";
import { type Item, type ItemState, itemsOf } from "../items.ts";
import { FlowList } from "../lists/flow-list.tsx";
import { ItemList } from "../lists/item-list.tsx";
import { NeedsPersonList } from "../lists/needs-person-list.tsx";
import { runFits, SessionList } from "../lists/session-list.tsx";
import { matching } from "../matching.ts";
import { Filters } from "../parts/filters.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import { reasonText } from "../reasons.ts";
import { hashOf, type Route } from "../routes.ts";
import { laneText } from "../words.ts";
import { ProfileRows } from "./profile-rows.tsx";

const states: readonly (readonly [state: string, word: string])[] = [
  ["", "All"],
  ["running", "Running"],
  ["waiting", "Waiting"],
  ["person", "Needs a person"],
  ["resting", "Resting"],
];

const order: readonly ItemState[] = ["person", "running", "waiting", "resting"];

/** What the filters in the address leave of everything. */
export function Found({ board, route }: { readonly board: Board; readonly route: Route }) {
  const { q = "", state = "" } = route.query;
  const fits = matching(q);
  const profiles = readable(board);
  const items = profiles
    .flatMap(itemsOf)
    .filter((item) => (state === "" || item.state === state) && itemFits(item, fits));
  const asking = profiles
    .flatMap(askingIn)
    .filter((one) => fits(one.profileId, one.subject, one.title, one.text, one.code));
  const flows = state === "" ? (board.host?.flows ?? []).filter(({ id, name }) => fits(id, name)) : [];
  const ended = state === "" ? endedRuns(profiles, fits) : [];
  const named = state === "" ? board.profiles.filter(({ profileId }) => fits(profileId)) : [];
  return (
    <>
      <Filters
        label="State"
        choices={states}
        chosen={state}
        hash={(value) => hashOf({ page: "overview" }, { ...route.query, state: value })}
      />
      {named.length > 0 && (
        <Section id="found-profiles" title="Profiles" count={named.length}>
          <ProfileRows of={named} host={board.host} />
        </Section>
      )}
      {state === "person" ? (
        <Section id="found" title="Needs a person" count={asking.length}>
          {asking.length === 0 ? <NoneFound q={q} /> : <NeedsPersonList of={asking} withProfile />}
        </Section>
      ) : (
        <Section id="found" title="Issues and pull requests" count={items.length}>
          {items.length === 0 ? <NoneFound q={q} /> : <ItemList of={inOrder(items)} withProfile withReason />}
        </Section>
      )}
      {flows.length > 0 && (
        <Section id="found-flows" title="Flows" count={flows.length}>
          <FlowList of={flows} />
        </Section>
      )}
      {ended.map(({ profile, runs }) => (
        <Section
          key={profile.profileId}
          id={`found-runs-${profile.profileId}`}
          title={`Recent runs of ${profile.profileId}`}
          count={runs.length}
        >
          <SessionList of={runs} profileId={profile.profileId} titles={profile.titles} />
        </Section>
      ))}
    </>
  );
}

/** Pure. By everything that is shown of it, and `#12` as it is written elsewhere. */
export const itemFits = (item: Item, fits: ReturnType<typeof matching>): boolean =>
  fits(
    ...[item.profileId, item.subject, `#${item.subject.split(":")[1]}`, item.title, item.detail],
    ...[item.reason, reasonText(item.reason), item.lane, laneText(item.lane)],
  );

function endedRuns(profiles: readonly ProfileDocument[], fits: ReturnType<typeof matching>) {
  return profiles
    .map((profile) => ({ profile, runs: profile.recent.filter((run) => runFits(run, profile, fits)) }))
    .filter(({ runs }) => runs.length > 0)
    .slice(0, 10);
}

const inOrder = (items: readonly Item[]): readonly Item[] =>
  [...items].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.since - b.since);

function NoneFound({ q }: { readonly q: string }) {
  return (
    <Nothing>
      Nothing fits{q === "" ? "" : ` “${q}”`}. <a href={hashOf({ page: "overview" })}>Show everything</a>
    </Nothing>
  );
}
