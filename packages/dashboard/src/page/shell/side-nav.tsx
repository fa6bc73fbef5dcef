import { type AnyProfile, type Board, isBroken } from "../board.ts";
import { standingTones } from "../parts/badge.tsx";
import { hashOf, type Place, type Route } from "../routes.ts";
import { standingOf } from "../standing.ts";

interface SideNavProps {
  readonly board: Board;
  readonly route: Route;
  readonly isOpen: boolean;
}

/** Where one can go; on a phone behind the menu button. */
export function SideNav({ board, route, isOpen }: SideNavProps) {
  const isAt = (page: Route["page"]) => route.page === page;
  const profileId = "profileId" in route ? route.profileId : null;
  return (
    <nav id="places" class={isOpen ? "side open" : "side"} aria-label="Places">
      <ul>
        <Entry place={{ page: "overview" }} name="Overview" isHere={isAt("overview")} />
        <Entry place={{ page: "outbox" }} name="Outbox" isHere={isAt("outbox")} />
        <Entry place={{ page: "trends" }} name="Trends" isHere={isAt("trends")} />
      </ul>
      <h2 id="nav-profiles">
        Profiles <span class="count">{board.profiles.length}</span>
      </h2>
      <ul aria-labelledby="nav-profiles" class="side-profiles">
        {board.profiles.map((profile) => (
          <ProfileEntry key={profile.profileId} {...{ profile, board }} isHere={profile.profileId === profileId} />
        ))}
      </ul>
    </nav>
  );
}

interface EntryProps {
  readonly place: Place;
  readonly name: string;
  readonly isHere: boolean;
}

function Entry({ place, name, isHere }: EntryProps) {
  return (
    <li>
      <a href={hashOf(place)} aria-current={isHere ? "page" : undefined}>
        {name}
      </a>
    </li>
  );
}

interface ProfileEntryProps {
  readonly profile: AnyProfile;
  readonly board: Board;
  readonly isHere: boolean;
}

function ProfileEntry({ profile, board, isHere }: ProfileEntryProps) {
  const { profileId } = profile;
  const standing = standingOf(profile, board.host);
  const running = isBroken(profile) ? 0 : profile.live.length;
  const asking = isBroken(profile) ? 0 : profile.needsPerson.length;
  return (
    <li>
      <a href={hashOf({ page: "profile", profileId })} aria-current={isHere ? "page" : undefined}>
        <span class={`dot ${standingTones[standing.kind]}`} aria-hidden="true" />
        <span class="side-name">{profileId}</span>
        <span class="unseen">, {standing.word}</span>
        {asking > 0 && (
          <span class="tally person" title={`${asking} need a person`}>
            {asking}
            <span class="unseen"> need a person</span>
          </span>
        )}
        {running > 0 && (
          <span class="tally run" title={`${running} run`}>
            {running}
            <span class="unseen"> run</span>
          </span>
        )}
      </a>
    </li>
  );
}
