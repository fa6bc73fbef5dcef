import type { Gate } from "./gate.ts";
import { nextLink } from "./link-header.ts";

/** Reads a list page by page until it ends or `limit` items that count are there. Throws rather than stopping short. */
export async function readPages<T>(
  gate: Gate,
  route: string,
  parameters: { readonly [name: string]: string | number },
  limit: number = Number.POSITIVE_INFINITY,
  counts: (item: T) => boolean = () => true,
): Promise<T[]> {
  const items: T[] = [];
  const first = gate.request.endpoint(`GET ${route}`, { ...parameters, per_page: 100 });
  for (let url: string | null = first.url; url !== null && items.length < limit; ) {
    const page: { data: T[]; headers: { link?: string } } = await gate.request({ method: "GET", url });
    items.push(...page.data.filter(counts));
    url = nextLink(page.headers.link);
  }
  return items.slice(0, limit);
}
