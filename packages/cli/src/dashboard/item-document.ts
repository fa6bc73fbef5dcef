import type { LoggedEvent, OutboxRow, Store } from "@agent-control-plane/core";
import type { ItemDocument, TimelineEntry } from "@agent-control-plane/dashboard";
import { itemSession } from "./session-document.ts";
import { oneLine, shownWrite } from "./shown.ts";

const mostEvents = 500;
const mostSessions = 100;
const mostTasks = 50;

/** All that the store knows of one issue or pull request; null: nothing. */
export async function itemDocument(store: Store, profileId: string, subject: string): Promise<ItemDocument | null> {
  const known = (await store.decisions.listAbout(profileId)).find((one) => one.subject === subject) ?? null;
  const { about, decision } = partsOf(known);
  const events = await store.events.latest(mostEvents, { profileId, subject });
  if (decision === null && events.length === 0) return null;
  const sessions = await store.sessions.list({ profileId, subject, limit: mostSessions });
  const spend = (await store.spend.items(profileId, [subject])).get(subject);
  return {
    ...{ profileId, subject, decision },
    spent: spend ? { ...spend.total, sessions: spend.sessions } : null,
    ...(about ? { title: about.title, url: about.url } : await toldAtFirst(store, profileId, subject)),
    sessions: sessions.map(itemSession),
    writes: (await writesOf(store, profileId, subject)).map(shownWrite),
    timeline: events.map(entryOf),
  };
}

type Known = Awaited<ReturnType<Store["decisions"]["listAbout"]>>[number];

function partsOf(known: Known | null): { readonly about: Known["about"]; readonly decision: ItemDocument["decision"] } {
  if (known === null) return { about: null, decision: null };
  const { about, ...decision } = known;
  return { about, decision };
}

/** Of one that is closed: as its newest task was given it. */
async function toldAtFirst(
  { tasks }: Store,
  profileId: string,
  subject: string,
): Promise<Pick<ItemDocument, "title" | "url">> {
  const newest = await tasks.list({ queue: profileId, subject, limit: 1 });
  const [told] = await tasks.titles(newest.map(({ id }) => id));
  return { title: told?.title.slice(0, 300) ?? null, url: told?.url ?? null };
}

async function writesOf(store: Store, profileId: string, subject: string): Promise<readonly OutboxRow[]> {
  const tasks = await store.tasks.list({ queue: profileId, subject, limit: mostTasks });
  const rows = await Promise.all(tasks.map(({ id }) => store.outbox.list({ profileId, taskId: id })));
  return rows.flat().sort((a, b) => a.id - b.id);
}

const entryOf = ({ seq, at, actor, kind, sessionId, body }: LoggedEvent): TimelineEntry => ({
  ...{ seq, at, actor, kind, sessionId, text: oneLine(wordsOf(body), 300) },
});

/** What an event's body says for people: its texts, in the order in which they matter. */
function wordsOf(body: LoggedEvent["body"]): string {
  const said = (body ?? {}) as { readonly [name: string]: unknown };
  const words = ["kind", "state", "verdict", "outcome", "reason", "detail", "summary", "error"].map(
    (name) => said[name],
  );
  return words.filter((word) => typeof word === "string" && word !== "").join("  ");
}
