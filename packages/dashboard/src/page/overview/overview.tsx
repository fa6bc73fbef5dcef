import { type Board, readable } from "../board.ts";
import { askingIn, runningIn, wakingIn } from "../gathered.ts";
import { itemsOf } from "../items.ts";
import { AlertList } from "../lists/alert-list.tsx";
import { NeedsPersonList } from "../lists/needs-person-list.tsx";
import { RunningList } from "../lists/running-list.tsx";
import { WaitingList } from "../lists/waiting-list.tsx";
import { WakeUpList } from "../lists/wake-up-list.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import type { Route } from "../routes.ts";
import { Found } from "./found.tsx";
import { HostCards } from "./host-cards.tsx";
import { ProfileRows } from "./profile-rows.tsx";
import { StatStrip } from "./stat-strip.tsx";
import { totalsOf } from "./totals.ts";
import { Troubles } from "./troubles.tsx";

/** The whole host on one page; with filters, the list of what they leave. */
export function Overview({ board, route }: { readonly board: Board; readonly route: Route }) {
  const { q = "", state = "" } = route.query;
  return (
    <div class="page">
      <div class="page-head">
        <h1>Overview</h1>
        <Where board={board} />
      </div>
      <StatStrip totals={totalsOf(board)} query={route.query} />
      {q !== "" || state !== "" ? <Found {...{ board, route }} /> : <Everything board={board} />}
    </div>
  );
}

function Where({ board: { host, profiles } }: { readonly board: Board }) {
  const running = profiles.filter((profile) => "running" in profile && profile.running).length;
  return (
    <p class="hint">
      {running} of {profiles.length} profiles run{host && `, version ${host.version}`}
    </p>
  );
}

function Everything({ board }: { readonly board: Board }) {
  const profiles = readable(board);
  const asking = profiles.flatMap(askingIn).sort((a, b) => a.since - b.since);
  const running = profiles.flatMap(runningIn);
  const waiting = profiles.flatMap(itemsOf).filter(({ state }) => state === "waiting");
  const waking = profiles.flatMap(wakingIn).sort((a, b) => a.at - b.at);
  const alerts = profiles.flatMap(({ profileId, alerts }) => alerts.map((alert) => ({ ...alert, profileId })));
  return (
    <>
      <Troubles board={board} />
      {board.profiles.length === 0 && <FirstSteps />}
      <div class="columns">
        <div class="column-main">
          {asking.length > 0 && (
            <Section id="asking" title="Needs a person" count={asking.length} tone="person">
              <NeedsPersonList of={asking} withProfile />
            </Section>
          )}
          <Section id="running" title="Running" count={running.length}>
            {running.length === 0 ? <Nothing>Nothing runs.</Nothing> : <RunningList of={running} withProfile />}
          </Section>
          <Section id="waiting" title="Waiting" count={waiting.length}>
            {waiting.length === 0 ? <Nothing>Nothing waits.</Nothing> : <WaitingList of={waiting} withProfile />}
          </Section>
          <Section id="profiles" title="Profiles" count={board.profiles.length}>
            <ProfileRows of={board.profiles} host={board.host} />
          </Section>
        </div>
        <div class="column-side">
          {alerts.length > 0 && (
            <Section id="alerts" title="Alerts" count={alerts.length}>
              <AlertList of={alerts} withProfile />
            </Section>
          )}
          <Section id="wake-ups" title="Next by itself">
            {waking.length === 0 ? <Nothing>Nothing has a time.</Nothing> : <WakeUpList of={waking} withProfile />}
          </Section>
          <HostCards board={board} />
        </div>
      </div>
    </>
  );
}

function FirstSteps() {
  return (
    <p class="card first-steps">
      There is no profile yet. <code>acp setup</code> makes one.
    </p>
  );
}
