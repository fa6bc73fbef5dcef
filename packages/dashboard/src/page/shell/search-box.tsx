import { Icon } from "../parts/icon.tsx";
import { type Route, readRoute } from "../routes.ts";
import { goTo, setFilters } from "../use-route.ts";

const filtering: ReadonlySet<Route["page"]> = new Set(["overview", "outbox", "profile"]);

/** Filters the page that is open, as the address then says; on a page without a list it searches everything. */
export function SearchBox({ route }: { readonly route: Route }) {
  // What the address says is what stands in the box: there is no second copy that could lag behind somebody's typing.
  const search = (q: string) => {
    if (filtering.has(readRoute(location.hash).page)) setFilters({ q });
    else if (q !== "") goTo({ page: "overview" }, { q });
  };
  return (
    <search class="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        aria-label={route.page === "profile" ? `Search in ${route.profileId}` : "Search everything"}
        aria-keyshortcuts="/"
        placeholder={route.page === "profile" ? `Search in ${route.profileId}` : "Search"}
        autocomplete="off"
        spellcheck={false}
        value={route.query.q ?? ""}
        onInput={({ currentTarget }) => search(currentTarget.value)}
      />
      <kbd>/</kbd>
    </search>
  );
}
