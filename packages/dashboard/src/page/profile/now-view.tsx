import type { HostDocument, ProfileDocument } from "../../documents/index.ts";
import type { Board } from "../board.ts";
import { askingIn, runningIn, wakingIn } from "../gathered.ts";
import { itemsOf } from "../items.ts";
import { AlertList } from "../lists/alert-list.tsx";
import { LaneList } from "../lists/lane-list.tsx";
import { QuotaList } from "../lists/limit-list.tsx";
import { NeedsPersonList } from "../lists/needs-person-list.tsx";
import { ResidentList } from "../lists/resident-list.tsx";
import { RetryList } from "../lists/retry-list.tsx";
import { RunningList } from "../lists/running-list.tsx";
import { ScheduleList } from "../lists/schedule-list.tsx";
import { WaitingList } from "../lists/waiting-list.tsx";
import { WakeUpList } from "../lists/wake-up-list.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import { Money } from "./money.tsx";

interface NowViewProps {
  readonly profile: ProfileDocument;
  readonly board: Board;
}

/** What happens in a profile at present, and what comes next. */
export function NowView({ profile, board }: NowViewProps) {
  return (
    <div class="columns">
      <Main profile={profile} />
      <Side profile={profile} host={board.host} />
    </div>
  );
}

function Main({ profile }: { readonly profile: ProfileDocument }) {
  const { profileId, needsPerson, live, alerts, residents } = profile;
  const waiting = itemsOf(profile).filter(({ state }) => state === "waiting");
  return (
    <div class="column-main">
      {alerts.length > 0 && (
        <Section id="alerts" title="Alerts" count={alerts.length}>
          <AlertList of={alerts.map((alert) => ({ ...alert, profileId }))} withProfile={false} />
        </Section>
      )}
      {needsPerson.length > 0 && (
        <Section id="asking" title="Needs a person" count={needsPerson.length} tone="person">
          <NeedsPersonList of={askingIn(profile)} withProfile={false} />
        </Section>
      )}
      <Section id="running" title="Running" count={live.length}>
        {live.length === 0 ? (
          <Nothing>Nothing runs.</Nothing>
        ) : (
          <RunningList of={runningIn(profile)} withProfile={false} />
        )}
      </Section>
      <Section id="waiting" title="Waiting" count={waiting.length}>
        {waiting.length === 0 ? <Nothing>Nothing waits.</Nothing> : <WaitingList of={waiting} withProfile={false} />}
      </Section>
      <Section id="residents" title="Resident workers" count={residents.length}>
        {residents.length === 0 ? (
          <Nothing>No conversation is kept to be gone on with.</Nothing>
        ) : (
          <ResidentList profile={profile} />
        )}
      </Section>
    </div>
  );
}

function Side({ profile, host }: { readonly profile: ProfileDocument; readonly host: HostDocument | null }) {
  const { retries, schedule, wakeUps } = profile;
  const providers = host?.providers ?? [];
  return (
    <div class="column-side">
      <Section id="lanes" title="Lanes">
        <LaneList profile={profile} />
      </Section>
      <Section id="money" title="Today">
        <Money profile={profile} />
      </Section>
      <Section id="wake-ups" title="Next by itself">
        {wakeUps.length === 0 ? (
          <Nothing>Nothing has a time.</Nothing>
        ) : (
          <WakeUpList of={wakingIn(profile)} withProfile={false} />
        )}
      </Section>
      {retries.length > 0 && (
        <Section id="retries" title="Tried again" count={retries.length}>
          <RetryList profile={profile} />
        </Section>
      )}
      {schedule.length > 0 && (
        <Section id="schedule" title="Schedule" count={schedule.length}>
          <ScheduleList profile={profile} />
        </Section>
      )}
      {providers.length > 0 && (
        <Section id="limits" title="Quota calendar" count={providers.length}>
          <QuotaList of={providers} />
        </Section>
      )}
    </div>
  );
}
