import type { ProfileDocument } from "../../documents/index.ts";
import { runFits, SessionList } from "../lists/session-list.tsx";
import { matching } from "../matching.ts";
import { Nothing, Section } from "../parts/section.tsx";
import type { ProfileRoute } from "./profile-page.tsx";

interface RunsViewProps {
  readonly profile: ProfileDocument;
  readonly route: ProfileRoute;
}

/** The sessions that ended last, and what came of them. */
export function RunsView({ profile, route }: RunsViewProps) {
  const { profileId, recent, titles } = profile;
  const fits = matching(route.query.q);
  const shown = recent.filter((run) => runFits(run, profile, fits));
  return (
    <Section id="runs" title="Recent runs" count={shown.length}>
      {shown.length === 0 ? (
        <Nothing>{recent.length === 0 ? "No session has ended yet." : "Nothing fits the search."}</Nothing>
      ) : (
        <SessionList of={shown} {...{ profileId, titles }} />
      )}
    </Section>
  );
}
