import type { Json } from "@agent-control-plane/core";
import type { PageOf, Shape } from "./conditional-read.ts";

/**
 * A page whose items are kept or left out; what it held at first decides whether there may be more. `listOf` finds the
 * list in an answer that wraps it.
 */
export function pageShape<Raw, T extends object>(
  name: string,
  keep: (raw: Raw) => T | null,
  listOf: (body: unknown) => unknown = (body) => body,
): Shape<PageOf<T & Json> & Json> {
  return {
    name,
    project: (body) => {
      const list = listOf(body);
      if (!Array.isArray(list)) throw new Error("not a list");
      const items = list.map((raw: Raw) => keep(raw)).filter((item) => item !== null) as (T & Json)[];
      return { size: list.length, items };
    },
  };
}
