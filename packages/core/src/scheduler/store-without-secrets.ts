import type { Json } from "../domain/json.ts";
import type { NewOutboxRow, OutboxBodies, OutboxKind } from "../domain/outbox.ts";
import type { Log, SecretScanner } from "../ports.ts";
import type { Store } from "../store/store.ts";

/**
 * The same store, of which no text for the forge is saved before what looks like a secret was taken out of it. Where the
 * text would take the place of one that stands there, people's words among it, nothing is saved: those stay as they are.
 */
export function storeWithoutSecrets(store: Store, scanner: SecretScanner, log?: Pick<Log, "warn">): Store {
  const { tasks, outbox, brokenBases, spend } = store;
  const clean = (rows: readonly NewOutboxRow[]) => withoutSecrets(scanner, rows, log);
  return {
    ...store,
    tasks: {
      ...tasks,
      release: async (lease, release, extras) =>
        tasks.release(lease, release, { ...extras, ...(extras.outbox ? { outbox: await clean(extras.outbox) } : {}) }),
    },
    brokenBases: {
      ...brokenBases,
      open: async (base, row, actor) => {
        const [cleaned] = await clean([row]);
        return brokenBases.open(base, (cleaned ?? row) as typeof row, actor);
      },
    },
    spend: {
      ...spend,
      tell: async (receipt, actor) => spend.tell({ ...receipt, rows: await clean(receipt.rows) }, actor),
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

/** What takes the place of a text that stands on the forge. */
const replacing: readonly OutboxKind[] = ["update-issue", "update-pull-request"];

export async function withoutSecrets(
  scanner: SecretScanner,
  rows: readonly NewOutboxRow[],
  log?: Pick<Log, "warn">,
): Promise<readonly NewOutboxRow[]> {
  const cleaned: NewOutboxRow[] = [];
  const leftOut = new Set<string>();
  for (const row of rows) {
    if (row.needsKey !== undefined && leftOut.has(row.needsKey)) {
      leftOut.add(row.idempotencyKey);
      continue;
    }
    const body: Record<string, Json> = { ...(row.body as object) };
    let isChanged = false;
    for (const key of textKeys) {
      const text = body[key];
      if (typeof text !== "string") continue;
      body[key] = await redacted(scanner, text);
      isChanged ||= body[key] !== text;
    }
    if (isChanged && replacing.includes(row.kind)) {
      log?.warn("text left as it is: it holds what looks like a secret", { kind: row.kind, key: row.idempotencyKey });
      leftOut.add(row.idempotencyKey);
      continue;
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
