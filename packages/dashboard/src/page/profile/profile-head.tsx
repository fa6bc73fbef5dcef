import type { HostDocument, ProfileDocument } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import { type AnyProfile, isBroken } from "../board.ts";
import { Badge, standingTones } from "../parts/badge.tsx";
import { OutsideLink } from "../parts/outside-link.tsx";
import { Ago } from "../parts/times.tsx";
import { standingOf } from "../standing.ts";

/** What a profile is and whether it works. */
export function ProfileHead({ profile, host }: { readonly profile: AnyProfile; readonly host: HostDocument | null }) {
  const standing = standingOf(profile, host);
  return (
    <div class="page-head">
      <h1>{profile.profileId}</h1>
      <Badge tone={standingTones[standing.kind]}>{standing.word}</Badge>
      {!isBroken(profile) && <Facts profile={profile} />}
      {!isBroken(profile) && !profile.pauses.some(({ scope }) => scope === profile.profileId) && (
        <ActButton name="pause" body={{ profile: profile.profileId }} about={profile.profileId} />
      )}
      {!isBroken(profile) && profile.running && (
        <ActButton name="refresh" body={{ profile: profile.profileId }} about={profile.profileId} />
      )}
    </div>
  );
}

function Facts({ profile: { repository, pid, lastTick } }: { readonly profile: ProfileDocument }) {
  const at = tickOf(lastTick).at;
  return (
    <p class="hint head-facts">
      {repository && <OutsideLink url={repository.url} text={repository.slug} />}
      {pid !== null && <span>process {pid}</span>}
      {at !== null && (
        <span>
          looked <Ago at={at} />
        </span>
      )}
    </p>
  );
}

interface TickFacts {
  readonly at: number | null;
  readonly error: string | null;
  /** Why the forge could not be looked at; null: it was. */
  readonly forge: string | null;
  readonly forgeDetail: string | null;
}

/** Pure. What the last report says, as far as it says it. */
export function tickOf(lastTick: ProfileDocument["lastTick"]): TickFacts {
  const { at, error, forge, forgeDetail } = (lastTick ?? {}) as { readonly [name: string]: unknown };
  return {
    at: typeof at === "number" ? at : null,
    error: typeof error === "string" ? error : null,
    forge: typeof forge === "string" && forge !== "seen" ? forge : null,
    forgeDetail: typeof forgeDetail === "string" ? forgeDetail : null,
  };
}
