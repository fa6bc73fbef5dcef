import type { ApiContext } from "./call.ts";

export interface Page {
  readonly page: number;
  readonly perPage: number;
}

/** GitHub's way: out of range is corrected, never refused; at most 100 a page. */
export function pageOf(c: ApiContext): Page {
  const number = (name: string, fallback: number) => {
    const value = Number.parseInt(c.req.query(name) ?? "", 10);
    return Number.isNaN(value) || value < 1 ? fallback : value;
  };
  return { page: number("page", 1), perPage: Math.min(number("per_page", 30), 100) };
}

/** Answers one page of a whole list. */
export function answerSlice<T>(c: ApiContext, all: readonly T[], view: (one: T) => unknown): Response {
  const page = pageOf(c);
  const rows = all.slice((page.page - 1) * page.perPage, page.page * page.perPage);
  addLinks(c, page, all.length);
  return c.json(rows.map(view));
}

export function addLinks(c: ApiContext, page: Page, total: number): void {
  const links = pageLinks(publicUrl(c), page, total);
  if (links !== null) c.header("Link", links);
}

function publicUrl(c: ApiContext): URL {
  return new URL(c.req.url);
}

/** Pure: the `Link` header, null when everything is on one page. */
export function pageLinks(url: URL, page: Page, total: number): string | null {
  const last = Math.max(1, Math.ceil(total / page.perPage));
  const link = (number: number, rel: string) => {
    const to = new URL(url);
    to.searchParams.set("page", String(number));
    return `<${to.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page.page > 1 ? [link(Math.min(page.page - 1, last), "prev")] : []),
    ...(page.page < last ? [link(page.page + 1, "next"), link(last, "last")] : []),
    ...(page.page > 1 ? [link(1, "first")] : []),
  ];
  return links.length > 0 ? links.join(", ") : null;
}
