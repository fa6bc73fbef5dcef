import type { Json } from "../domain/json.ts";
import type { NewOutboxRow, OutboxBodies } from "../domain/outbox.ts";
import type { SecretScanner } from "../ports.ts";
import type { Store } from "../store/store.ts";

/** The same store, of which no text for the forge is saved before what looks like a secret was taken out of it. */
export function storeWithoutSecrets(store: Store, scanner: SecretScanner): Store {
  const { tasks, outbox } = store;
  const clean = (rows: readonly NewOutboxRow[]) => withoutSecrets(scanner, rows);
  return {
    ...store,
    tasks: {
      ...tasks,
      release: async (lease, release, extras) =>
        tasks.release(lease, release, { ...extras, ...(extras.outbox ? { outbox: await clean(extras.outbox) } : {}) }),
    },
    outbox: {
      ...outbox,
      enqueue: async (rows, actor, taskId) => outbox.enqueue(await clean(rows), actor, taskId),
      resend: async (taskId, actor, rows) => outbox.resend(taskId, actor, await clean(rows)),
      withdraw: async (taskId, actor, why, rows) => outbox.withdraw(taskId, actor, why, await clean(rows)),
    },
  };
}

/** Where people's and agents' words stand in the bodies of writes. Names and commits are none. */
const textKeys = ["title", "body", "description", "message"] as const;

export async function withoutSecrets(
  scanner: SecretScanner,
  rows: readonly NewOutboxRow[],
): Promise<readonly NewOutboxRow[]> {
  const cleaned: NewOutboxRow[] = [];
  for (const row of rows) {
    const body: Record<string, Json> = { ...(row.body as object) };
    for (const key of textKeys) {
      const text = body[key];
      if (typeof text === "string") body[key] = await redacted(scanner, text);
    }
    cleaned.push({ ...row, body: body as unknown as OutboxBodies[NewOutboxRow["kind"]] });
  }
  return cleaned;
}

/** The text with each secret replaced; what surrounds it stays. */
export async function redacted(scanner: SecretScanner, text: string): Promise<string> {
  const found = [...(await scanner.find(text))].sort((a, b) => a.start - b.start);
  let [result, at] = ["", 0];
  for (const { start, end } of found) {
    if (start >= at) result += `${text.slice(at, start)}[redacted]`;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}
