import type { ProfileDocument } from "../../documents/index.ts";
import { type Board, isBroken } from "../board.ts";
import { itemsOf } from "../items.ts";
import { troubleOf } from "../overview/troubles.tsx";
import { Filters } from "../parts/filters.tsx";
import { hashOf, type Route } from "../routes.ts";
import { ItemsView } from "./items-view.tsx";
import { NowView } from "./now-view.tsx";
import { OutboxView } from "./outbox-view.tsx";
import { ProfileHead } from "./profile-head.tsx";
import { ProfileNotices } from "./profile-notices.tsx";
import { PullsView } from "./pulls-view.tsx";
import { RunsView } from "./runs-view.tsx";

export type ProfileRoute = Extract<Route, { readonly page: "profile" }>;

/** One profile: how it stands, and one of its lists. */
export function ProfilePage({ board, route }: { readonly board: Board; readonly route: ProfileRoute }) {
  const { profileId } = route;
  const profile = board.profiles.find((one) => one.profileId === profileId);
  if (!profile)
    return (
      <div class="page">
        <h1>{profileId}</h1>
        <p class="hint">
          There is no profile of that name. <a href={hashOf({ page: "overview" })}>All profiles</a>
        </p>
      </div>
    );
  const trouble = troubleOf(profile, board.host);
  return (
    <div class="page">
      <ProfileHead {...{ profile }} host={board.host} />
      {trouble && <section class="card bad trouble">{trouble}</section>}
      {!isBroken(profile) && <Views {...{ profile, board, route }} />}
    </div>
  );
}

interface ViewsProps {
  readonly profile: ProfileDocument;
  readonly board: Board;
  readonly route: ProfileRoute;
}

function Views({ profile, board, route }: ViewsProps) {
  const { view = "", q = "" } = route.query;
  // Who searches in a profile means its items: the first view has no list to filter.
  const chosen = view === "" && q !== "" ? "items" : view;
  const { pulls, outbox, recent } = profile;
  const views = [
    ["", "Now"],
    ["items", "Items", itemsOf(profile).length],
    ["pulls", "Pull requests", pulls.length],
    ["outbox", "Outbox", outbox.pending + outbox.failed + outbox.heldBack],
    ["runs", "Recent runs", recent.length],
  ] as const;
  return (
    <>
      <ProfileNotices profile={profile} />
      <Filters
        asTabs
        label="Views of this profile"
        choices={views}
        chosen={chosen}
        hash={(value) => hashOf(route, { view: value, q: value === "" ? "" : q })}
      />
      <View {...{ profile, board, route }} view={chosen} />
    </>
  );
}

function View({ view, profile, board, route }: ViewsProps & { readonly view: string }) {
  if (view === "items") return <ItemsView {...{ profile, route }} />;
  if (view === "pulls") return <PullsView {...{ profile, route }} />;
  if (view === "outbox") return <OutboxView {...{ profile, route }} />;
  if (view === "runs") return <RunsView {...{ profile, route }} />;
  return <NowView {...{ profile, board }} />;
}
