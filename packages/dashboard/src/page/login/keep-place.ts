import { wantedPlace } from "./wanted-place.ts";

const kept = "acp-wanted-place";

/**
 * Keeps the place that somebody wanted who has to log in first. It stands after the hash, which no server is told, and the
 * address that logs in is often opened in another tab: so the browser keeps it, for all tabs of this origin.
 */
export function keepPlace(): void {
  const place = wantedPlace(location.hash);
  if (place === null) return;
  try {
    localStorage.setItem(kept, place);
  } catch {
    // A browser that keeps nothing logs in to the overview.
  }
}

/** Once, at the start of the page. An address that names a place itself is what its person wants now. */
export function goToKeptPlace(): void {
  const place = wantedPlace(takeKept());
  if (place !== null && location.hash === "") history.replaceState(null, "", place);
}

function takeKept(): string | null {
  try {
    const place = localStorage.getItem(kept);
    localStorage.removeItem(kept);
    return place;
  } catch {
    return null;
  }
}
