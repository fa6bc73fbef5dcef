import type { Series } from "../../documents/index.ts";
import type { Board } from "../board.ts";
import { Asked } from "../detail/asked.tsx";
import "../detail/detail.css";
import { useTicks } from "../detail/use-ticks.ts";
import { useJson } from "../fetch-json.ts";
import { shownText } from "../parts/shown.tsx";
import type { Route } from "../routes.ts";
import { setFilters } from "../use-route.ts";
import { Trends } from "./trends.tsx";

interface TrendsPageProps {
  readonly board: Board;
  readonly route: Route;
}

const spans: readonly (readonly [hours: number, words: string])[] = [
  ...([
    [6, "6 hours"],
    [24, "A day"],
    [168, "A week"],
    [720, "30 days"],
  ] as const),
];

/** How it went over time: of all profiles together, or of one; the address says which. */
export function TrendsPage({ board, route }: TrendsPageProps) {
  const hours = spans.find(([of]) => String(of) === route.query.hours)?.[0] ?? 24;
  const profileId = route.query.profile ?? "";
  const path = `/api/v1/series?hours=${hours}${profileId && `&profile=${encodeURIComponent(profileId)}`}`;
  const looks = useTicks(60_000, true);
  const fetched = useJson<Series>(path, looks);
  return (
    <div class="page detail">
      <header class="detail-head">
        <h1>Trends</h1>
        <div class="trend-tools">
          {/* biome-ignore lint/a11y/useSemanticElements: buttons of which one is pressed, not a form */}
          <div class="choices" role="group" aria-label="How far back">
            {spans.map(([of, words]) => (
              <button
                type="button"
                class="button"
                key={of}
                aria-pressed={of === hours}
                onClick={() => setFilters({ hours: of === 24 ? "" : String(of) })}
              >
                {words}
              </button>
            ))}
          </div>
          <label>
            Profile{" "}
            <select value={profileId} onChange={({ currentTarget }) => setFilters({ profile: currentTarget.value })}>
              <option value="">all</option>
              {board.profiles.map((profile) => (
                <option value={profile.profileId} key={profile.profileId}>
                  {shownText(profile.profileId, 60)}
                </option>
              ))}
            </select>
          </label>
        </div>
      </header>
      <Asked fetched={fetched}>{(series) => <Trends series={series} />}</Asked>
    </div>
  );
}
