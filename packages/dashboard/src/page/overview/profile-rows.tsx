import type { HostDocument, ProfileDocument } from "../../documents/index.ts";
import { type AnyProfile, isBroken } from "../board.ts";
import { itemsOf } from "../items.ts";
import { Badge, standingTones } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { Since } from "../parts/times.tsx";
import { hashOf } from "../routes.ts";
import { moneyText } from "../said-time.ts";
import { standingOf } from "../standing.ts";

/** A line for each profile. */
export function ProfileRows({ of, host }: { readonly of: readonly AnyProfile[]; readonly host: HostDocument | null }) {
  return (
    <Many of={of} what="profiles" first={30}>
      {(profile) => <ProfileRow key={profile.profileId} {...{ profile, host }} />}
    </Many>
  );
}

function ProfileRow({ profile, host }: { readonly profile: AnyProfile; readonly host: HostDocument | null }) {
  const standing = standingOf(profile, host);
  return (
    <li class="row slim">
      <div class="row-main profile-line">
        <a class="profile-name" data-row href={hashOf({ page: "profile", profileId: profile.profileId })}>
          {profile.profileId}
        </a>
        <Badge tone={standingTones[standing.kind]}>{standing.word}</Badge>
        {standing.kind === "gone" && (
          <span class="hint">
            for <Since at={standing.since} />
          </span>
        )}
        {isBroken(profile) && (
          <span class="row-error">
            <Shown text={profile.error} most={160} />
          </span>
        )}
        {!isBroken(profile) && profile.repository && <span class="hint">{shownText(profile.repository.slug, 80)}</span>}
      </div>
      {!isBroken(profile) && <Figures profile={profile} />}
    </li>
  );
}

function Figures({ profile }: { readonly profile: ProfileDocument }) {
  const { live, room, needsPerson, spend, outbox } = profile;
  const waiting = itemsOf(profile).filter(({ state }) => state === "waiting").length;
  return (
    <p class="row-side row-facts">
      {needsPerson.length > 0 && <span class="asks">{needsPerson.length} for a person</span>}
      {outbox.failed > 0 && <span class="bad-text">{outbox.failed} failed writes</span>}
      <span>
        {live.length}
        {room.most !== null && ` of ${room.most}`} running
      </span>
      <span>{waiting} waiting</span>
      <span class="row-clock">{moneyText(spend.today.usd)}</span>
    </p>
  );
}
