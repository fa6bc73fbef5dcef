import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type HostNotificationRules,
  type NotificationMessage,
  noNotifications,
  profileFile,
  type Store,
} from "@agent-control-plane/core";
import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { onTestFinished } from "vitest";
import { Notifier, type NotifierOptions } from "../../src/notifications/notifier.ts";
import { silentLog } from "../../src/runtime/silent-log.ts";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: NotificationMessage;
}

/** A real server that answers as told: a status, nothing at all, or what `onRequest` does before. */
export async function aReceiver(status: () => number | null = () => 200, onRequest: () => void = () => {}) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      received.push({ headers: request.headers, body, message: JSON.parse(body) as NotificationMessage });
      onRequest();
      const code = status();
      if (code !== null) response.writeHead(code).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/key-in-the-path`;
  return { url, received };
}

export const hostRules = (changes: Partial<HostNotificationRules>): HostNotificationRules => ({
  ...{ ...noNotifications, dashboardUrl: null },
  ...changes,
});

/** A notifier on a real store in a runtime home of its own. */
export async function aNotifier(rules: Partial<HostNotificationRules>, changes: Partial<NotifierOptions> = {}) {
  const home = mkdtempSync(join(tmpdir(), "acp-notify-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const clock = new ManualClock();
  const { store, open, path } = await temporaryStore({ clock });
  const errors: unknown[] = [];
  const options: NotifierOptions = {
    ...{ home, store, clock, owner: "r1", env: { PATH: process.env.PATH } },
    log: { ...silentLog, error: (_, fields) => void errors.push(fields?.error) },
    told: () => ({ host: hostRules(rules), profiles: [] }),
    ...changes,
  };
  const notifier = new Notifier(options);
  /** What is new has stood for long enough after it. */
  const lookTwice = async () => {
    await notifier.look();
    clock.advance(31_000);
    await notifier.look();
  };
  return { home, clock, store, open, path, notifier, lookTwice, options, errors };
}

/** Tasks of programs that used up their only try. */
export async function deadLetters(store: Store, count: number, first = 0): Promise<void> {
  for (let number = first; number < first + count; number += 1) {
    const { task } = await store.tasks.enqueue(
      { queue: "jobs", subject: `job-${number}`, lane: "job", maxAttempts: 1 },
      "t",
    );
    const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "t", leaseMs: 60_000 });
    if (!claim) throw new Error("not claimed");
    await store.tasks.release(
      claim.lease,
      { kind: "dead", reason: "worker-exit-failed", result: null },
      { actor: "t" },
    );
  }
}

/** Issues of one profile whose tasks used up their tries, as a tick notes them. */
export async function deadItems(store: Store, home: string, count: number): Promise<void> {
  mkdirSync(dirname(profileFile(home, "web")), { recursive: true });
  writeFileSync(profileFile(home, "web"), "id: web\nrepo: { slug: ann/web }\nexecution: { coding_worker: codex }\n");
  const decisions = Array.from({ length: count }, (_, number) => ({
    ...{ profileId: "web", subject: `issue:${number + 1}`, lane: "issue-implementation", verdict: "hold" as const },
    ...{ reason: "dead-letter", detail: "task 1: timeout", place: null, decidedAt: 1 },
    about: { title: `Issue ${number + 1}`, url: `https://github.com/ann/web/issues/${number + 1}` },
  }));
  await store.decisions.replace("web", decisions, "r1");
}
