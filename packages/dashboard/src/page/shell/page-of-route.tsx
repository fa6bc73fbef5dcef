import type { Board } from "../board.ts";
import { TrendsPage } from "../charts/trends-page.tsx";
import { FlowPage } from "../detail/flow-page.tsx";
import { ItemPage } from "../detail/item-page.tsx";
import { SessionPage } from "../detail/session-page.tsx";
import type { Documents } from "../live-documents.ts";
import { OutboxPage } from "../outbox/outbox-page.tsx";
import { Overview } from "../overview/overview.tsx";
import { ProfilePage } from "../profile/profile-page.tsx";
import { hashOf, type Route } from "../routes.ts";

interface PageProps {
  readonly board: Board;
  readonly route: Route;
  /** For pages that ask for themselves: another object whenever anything changed. */
  readonly documents: Documents;
}

/** The page that a place names. */
export function PageOfRoute({ board, route }: PageProps) {
  switch (route.page) {
    case "overview":
      return <Overview {...{ board, route }} />;
    case "outbox":
      return <OutboxPage {...{ board, route }} />;
    case "profile":
      return <ProfilePage {...{ board, route }} key={route.profileId} />;
    case "item": {
      const { profileId, subject } = route;
      return <ItemPage {...{ profileId, subject, board }} key={`${profileId} ${subject}`} />;
    }
    case "session":
      return <SessionPage {...{ sessionId: route.sessionId, board }} key={route.sessionId} />;
    case "flow":
      return <FlowPage {...{ flowId: route.flowId, board }} key={route.flowId} />;
    case "trends":
      return <TrendsPage {...{ board, route }} />;
    default:
      return <NotFound />;
  }
}

function NotFound() {
  return (
    <div class="page">
      <h1>Nothing is here</h1>
      <p class="hint">
        This address names no page. <a href={hashOf({ page: "overview" })}>The overview</a> shows everything there is.
      </p>
    </div>
  );
}
