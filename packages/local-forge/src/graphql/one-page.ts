import { queryFailure } from "./query-failure.ts";

export interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
}

/** The first or last so many of a connection; GitHub insists on one of the two, at most 100. There are no cursors here. */
export function onePage<T>(field: string, all: readonly T[], page: PageArguments, resolve: (one: T) => unknown) {
  const wanted = page.first ?? page.last;
  if (wanted === undefined || wanted === null) {
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${field}\` connection.`;
    throw queryFailure("MISSING_PAGINATION_BOUNDARIES", message);
  }
  if (wanted < 1 || wanted > 100) {
    throw queryFailure(
      "EXCESSIVE_PAGINATION",
      `Requesting ${wanted} records on the \`${field}\` connection is not in 1 to 100.`,
    );
  }
  const rows = page.first != null ? all.slice(0, wanted) : all.slice(-wanted);
  return { totalCount: all.length, nodes: rows.map(resolve) };
}
