import type { Item } from "../items.ts";
import { Shown } from "../parts/shown.tsx";
import { goesOnWhen, reasonText } from "../reasons.ts";
import { counted } from "../words.ts";
import { ItemList } from "./item-list.tsx";

/** Everything that waits for the same reason stands together; most first. */
export function WaitingList({ of, withProfile }: { readonly of: readonly Item[]; readonly withProfile: boolean }) {
  const byReason = [...grouped(of)].sort(([, a], [, b]) => b.length - a.length);
  return (
    <ul class="groups">
      {byReason.map(([reason, items]) => (
        <li key={reason}>
          <details class="group">
            <summary data-row>
              <span class="group-count">{items.length}</span>
              <span class="group-words">
                <span class="group-reason">{sentence(reasonText(reason))}</span>
                <Unblock reason={reason} />
              </span>
              <span class="unseen">: {counted(items.length, "item")}</span>
            </summary>
            <ItemList of={inLine(items)} {...{ withProfile }} withReason={false} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Unblock({ reason }: { readonly reason: string }) {
  const text = goesOnWhen(reason);
  if (text === null)
    return (
      <code class="hint">
        <Shown text={reason} />
      </code>
    );
  return <span class="hint">Goes on when: {text}</span>;
}

function grouped(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.reason);
    if (group) group.push(item);
    else groups.set(item.reason, [item]);
  }
  return groups;
}

/** Who is next in line comes first, then who waits longest. */
const inLine = (items: readonly Item[]): readonly Item[] =>
  [...items].sort((a, b) => (a.place ?? 1e9) - (b.place ?? 1e9) || a.since - b.since);

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
