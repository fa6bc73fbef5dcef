import type { Route } from "../routes.ts";

/** Pure. What a place is called, in the browser's tab and for a screen reader. */
export function titleOf(route: Route): string {
  switch (route.page) {
    case "overview":
      return "Overview";
    case "outbox":
      return "Outbox";
    case "trends":
      return "Trends";
    case "profile":
      return route.profileId;
    case "item":
      return `${route.subject} of ${route.profileId}`;
    case "session":
      return `Session ${route.sessionId}`;
    case "flow":
      return `Flow ${route.flowId}`;
    case "unknown":
      return "Not found";
  }
}
