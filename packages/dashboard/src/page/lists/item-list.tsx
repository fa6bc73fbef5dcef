import type { Item, ItemState } from "../items.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Since } from "../parts/times.tsx";
import { reasonText } from "../reasons.ts";
import { laneText, ordinalText } from "../words.ts";

interface ItemListProps {
  readonly of: readonly Item[];
  readonly withProfile: boolean;
  /** Where they do not all stand under one. */
  readonly withReason: boolean;
}

const stateWords: Readonly<Record<ItemState, string>> = {
  running: "runs",
  waiting: "waits",
  person: "needs a person",
  resting: "rests",
};

const tones: Readonly<Record<ItemState, Tone>> = { running: "run", waiting: "wait", person: "person", resting: "off" };

/** Issues and pull requests, each with how it stands and since when. */
export function ItemList({ of, withProfile, withReason }: ItemListProps) {
  return (
    <Many of={of} what="items">
      {(item) => (
        <li class="row slim" key={`${item.profileId} ${item.subject}`}>
          <div class="row-main">
            <SubjectLink profileId={item.profileId} subject={item.subject} title={item.title} {...{ withProfile }} />
            <p class="row-sub">
              {withReason && reasonText(item.reason)}
              {withReason && item.detail !== "" && ": "}
              <Shown text={item.detail} />
            </p>
          </div>
          <p class="row-side row-facts">
            {withReason && <Badge tone={tones[item.state]}>{stateWords[item.state]}</Badge>}
            {item.place !== null && <span>{ordinalText(item.place)} in line</span>}
            <span class="hint row-lane">{laneText(item.lane)}</span>
            <span class="hint row-clock">
              <Since at={item.since} />
            </span>
          </p>
        </li>
      )}
    </Many>
  );
}
