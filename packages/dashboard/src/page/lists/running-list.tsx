import type { LiveSession } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import { tokensIn } from "../amounts.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Since } from "../parts/times.tsx";
import { hashOf } from "../routes.ts";
import { countText, moneyText } from "../said-time.ts";
import { laneText } from "../words.ts";

export interface Running extends LiveSession {
  readonly profileId: string;
  readonly title: string;
}

/** Sessions under way, each with what it does at this moment. */
export function RunningList({ of, withProfile }: { readonly of: readonly Running[]; readonly withProfile: boolean }) {
  return (
    <Many of={of} what="sessions" first={20}>
      {(one) => (
        <li class="row" key={one.id}>
          <div class="row-main">
            <SubjectLink {...{ profileId: one.profileId, subject: one.subject, title: one.title, withProfile }} />
            <Doing session={one} />
          </div>
          <div class="row-side">
            <p class="row-facts">
              <Badge tone={one.kind === "verify" ? "wait" : "run"}>
                {one.kind === "verify" ? "verify" : laneText(one.lane)}
              </Badge>
              {one.attempt > 1 && <span>try {one.attempt}</span>}
              <span class="row-clock">
                <Since at={one.startedAt ?? one.intendedAt} />
              </span>
            </p>
            <p class="row-facts hint">
              <span>{shownText(one.model ?? one.backend, 40)}</span>
              <Spent session={one} />
              <a href={hashOf({ page: "session", sessionId: one.id })}>
                Log<span class="unseen"> of session {shownText(one.id, 60)}</span>
              </a>
              <ActButton name="stop-session" body={{ session: one.id }} about={`${one.subject}, session ${one.id}`} />
            </p>
          </div>
        </li>
      )}
    </Many>
  );
}

function Doing({ session: { activity, kind, state } }: { readonly session: LiveSession }) {
  if (activity?.tool)
    return (
      <p class="doing mono">
        <span class="tool">{shownText(activity.tool.name, 60)}</span>{" "}
        <span class="tool-detail">
          <Shown text={activity.tool.detail} most={240} />
        </span>{" "}
        <span class="hint">
          <Since at={activity.tool.since} />
        </span>
      </p>
    );
  if (activity?.text)
    return (
      <p class="doing">
        <Shown text={activity.text} most={240} />
      </p>
    );
  const words =
    kind === "verify" ? "The profile's checks run." : state === "running" ? "It has said nothing yet." : state;
  return <p class="doing hint">{words}</p>;
}

function Spent({ session: { spend } }: { readonly session: LiveSession }) {
  if (spend === null) return null;
  const tokens = tokensIn(spend.usage);
  return (
    <span>
      {countText(tokens)} tokens{spend.usage.costUsd === undefined ? "" : `, ${moneyText(spend.usage.costUsd)}`}
    </span>
  );
}
