import type { Store } from "@agent-control-plane/core";
import type { ProfileRows } from "../runtime/status-in-store.ts";

/** Beyond that what was known is forgotten, and asked for again where it is shown. */
const mostKnown = 20_000;

/**
 * What issues and pull requests are called: as the last tick saw those that are open; of the others as their task was
 * given them, which is asked of the store once.
 */
export class KnownTitles {
  /** `''`: nobody knows. */
  readonly #byItem = new Map<string, string>();

  /** Titles of those `items` of a profile that are known, by subject. */
  async of(
    store: Pick<Store, "tasks">,
    profileId: string,
    decisions: ProfileRows["decisions"],
    items: readonly { readonly subject: string; readonly taskId: number }[],
  ): Promise<Readonly<Record<string, string>>> {
    const open = decisions.flatMap(({ subject, about }) => (about ? [[subject, about.title] as const] : []));
    const titles = new Map(open);
    const keyOf = (subject: string) => `${profileId}/${subject}`;
    const asked = items.filter(({ subject }) => subject !== "" && !titles.has(subject));
    await this.#ask(
      store,
      asked.map(({ subject, taskId }) => ({ key: keyOf(subject), taskId })),
    );
    for (const { subject } of asked) {
      const title = this.#byItem.get(keyOf(subject));
      if (title) titles.set(subject, title);
    }
    return Object.fromEntries([...titles].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #ask({ tasks }: Pick<Store, "tasks">, items: readonly { readonly key: string; readonly taskId: number }[]) {
    const unknown = items.filter(({ key }) => !this.#byItem.has(key));
    if (unknown.length === 0) return;
    if (this.#byItem.size > mostKnown) this.#byItem.clear();
    const said = new Map((await tasks.titles(unknown.map(({ taskId }) => taskId))).map((each) => [each.taskId, each]));
    for (const { key, taskId } of unknown) {
      const title = said.get(taskId)?.title.slice(0, 300) ?? "";
      if (title !== "" || !this.#byItem.get(key)) this.#byItem.set(key, title);
    }
  }
}
