import type { ProfileDocument } from "../../documents/index.ts";
import { itemsOf } from "../items.ts";
import { ItemList } from "../lists/item-list.tsx";
import { matching } from "../matching.ts";
import { itemFits } from "../overview/found.tsx";
import { Filters } from "../parts/filters.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import { hashOf } from "../routes.ts";
import { laneText } from "../words.ts";
import type { ProfileRoute } from "./profile-page.tsx";

interface ItemsViewProps {
  readonly profile: ProfileDocument;
  readonly route: ProfileRoute;
}

/** The last word on every issue and pull request of a profile. */
export function ItemsView({ profile, route }: ItemsViewProps) {
  const { q = "", state = "", lane = "" } = route.query;
  const items = itemsOf(profile);
  const fits = matching(q);
  const found = items.filter((item) => itemFits(item, fits));
  const ofState = found.filter((item) => state === "" || item.state === state);
  const shown = ofState.filter((item) => lane === "" || item.lane === lane);
  const lanes = [...new Set(items.map((item) => item.lane))];
  const place = (more: object) => hashOf(route, { view: "items", q, state, lane, ...more });
  const counted = (of: string) => found.filter((item) => item.state === of).length;
  return (
    <>
      <div class="filter-bar">
        <Filters
          label="State"
          chosen={state}
          hash={(value) => place({ state: value })}
          choices={[
            ["", "All", found.length],
            ["running", "Running", counted("running")],
            ["waiting", "Waiting", counted("waiting")],
            ["person", "Needs a person", counted("person")],
            ["resting", "Resting", counted("resting")],
          ]}
        />
        {lanes.length > 1 && (
          <Filters
            label="Lane"
            chosen={lane}
            hash={(value) => place({ lane: value })}
            choices={[["", "Every lane"], ...lanes.map((one) => [one, laneText(one)] as const)]}
          />
        )}
      </div>
      <Section id="items" title="Issues and pull requests" count={shown.length}>
        {shown.length === 0 ? (
          <Nothing>{items.length === 0 ? "There are no candidates." : "Nothing fits these filters."}</Nothing>
        ) : (
          <ItemList of={shown} withProfile={false} withReason />
        )}
      </Section>
    </>
  );
}
