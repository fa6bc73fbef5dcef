import { useEffect, useState } from "preact/hooks";
import { hashOf, type Place, type Query, type Route, readRoute } from "./routes.ts";

const changed = "place-changed";

/** The place that the address names, also after the browser's back and forward. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const look = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", look);
    addEventListener(changed, look);
    return () => {
      removeEventListener("hashchange", look);
      removeEventListener(changed, look);
    };
  }, []);
  return route;
}

/** Another place, as if a link to it had been followed; known at once, and not when the browser comes to say so. */
export function goTo(place: Place, query: Query = {}): void {
  history.pushState(null, "", hashOf(place, query));
  dispatchEvent(new Event(changed));
}

/** Other filters of the same place: the address says them, the way back does not stop at every letter. */
export function setFilters(query: Query): void {
  const route = readRoute(location.hash);
  if (route.page === "unknown") return;
  history.replaceState(null, "", hashOf(route, { ...route.query, ...query }));
  dispatchEvent(new Event(changed));
}
