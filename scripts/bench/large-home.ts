import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { fileStamp } from "../../packages/cli/src/runtime/file-stamp.ts";
import { profileFile, storePath } from "../../packages/core/src/index.ts";
import { openStore } from "../../packages/core/src/store/open-store.ts";
import { processMark } from "../../packages/runners/src/index.ts";

export interface HomeSize {
  readonly profiles: number;
  readonly runs: number;
  readonly events: number;
}

const candidatesEach = 20;
const liveEach = 2;
const writesEach = 100;
const day = 86_400_000;

const runDirOf = (home: string, profile: number, nth: number): string => join(home, "runs", `p${profile}-live-${nth}`);

/**
 * A runtime home as it is after a busy year: profiles served by a daemon (this process), each with candidates, sessions
 * under way, an outbox and a long past. Rows go in by bare SQL: a million events by the store would take an hour.
 */
export async function fillHome(home: string, size: HomeSize): Promise<void> {
  mkdirSync(join(home, "state"), { recursive: true });
  const ids = Array.from({ length: size.profiles }, (_, n) => `p${n}`);
  for (const id of ids) {
    mkdirSync(dirname(profileFile(home, id)), { recursive: true });
    writeFileSync(profileFile(home, id), `id: ${id}\nrepo: { slug: ann/${id} }\nexecution: { coding_worker: codex }\n`);
  }
  const store = await openStore({ path: storePath(home) });
  const now = Date.now();
  const facts = (id: string) => ({
    ...{ stamp: fileStamp(profileFile(home, id)), timeZone: "UTC", limit: { usd: 50, tokens: null } },
    ...{ repository: { slug: `ann/${id}`, url: `https://github.com/ann/${id}` }, workers: 4 },
  });
  await store.runtimes.put({
    ...{ id: "r-bench", host: hostname(), version: "0", profileIds: ids, state: "ready" },
    ...{ startedAt: now, heartbeatAt: now, process: processMark(process.pid) ?? { pid: 0, startedMark: "" } },
    lastTick: Object.fromEntries(ids.map((id) => [id, { at: now, forge: "seen", holds: {}, facts: facts(id) }])),
  });
  await store.close();
  const database = new Database(storePath(home));
  database.pragma("synchronous = off");
  database.transaction(() => fillTables(database, home, size, now))();
  database.pragma("wal_checkpoint(truncate)");
  database.close();
}

function fillTables(
  database: Database.Database,
  home: string,
  { profiles, runs, events }: HomeSize,
  now: number,
): void {
  const task = database.prepare(
    `insert into tasks (queue, subject, lane, state, priority, run_at, attempts, max_attempts, payload, reason, created_at,
        updated_at, finished_at) values (?, ?, 'issue-implementation', ?, 0, ?, 1, 4, ?, ?, ?, ?, ?)`,
  );
  const session = database.prepare(
    `insert into sessions (id, profile_id, task_id, term, attempt, kind, subject, lane, backend, state, run_dir,
        worktree_path, branch, start_sha, intended_at, started_at, ended_at, concluded_at, outcome, ending, evidence)
     values (?, ?, ?, 1, 1, 'agent', ?, 'issue-implementation', 'codex', ?, ?, '/nowhere', 'b', '0', ?, ?, ?, ?, ?, ?, ?)`,
  );
  const payload = (n: number) =>
    JSON.stringify({
      kind: "issue",
      number: n,
      title: `Work ${n}`,
      url: `https://example.test/${n}`,
      body: "w".repeat(2_000),
    });
  const evidence = JSON.stringify({ headSha: "0".repeat(40), files: [{ path: "a.ts", status: "modified" }] });
  for (let n = 0; n < runs; n += 1) {
    const profile = `p${n % profiles}`;
    const at = now - 300 * day + Math.floor((n / runs) * 299 * day);
    const { lastInsertRowid } = task.run(
      profile,
      `issue:${n}`,
      "succeeded",
      at,
      payload(n),
      null,
      at,
      at,
      at + 600_000,
    );
    const ending = JSON.stringify({ exitReason: "finished", summary: `Did work ${n}`, usage: {} });
    session.run(
      `s${n}`,
      profile,
      lastInsertRowid,
      `issue:${n}`,
      "concluded",
      "/nowhere",
      at,
      at,
      at,
      at,
      "published",
      ending,
      evidence,
    );
  }
  for (let profile = 0; profile < profiles; profile += 1) {
    for (let nth = 0; nth < liveEach + 5; nth += 1) {
      const number = 1_000_000 + nth;
      const state = nth < liveEach ? "running" : nth < liveEach + 3 ? "queued" : "scheduled";
      const { lastInsertRowid } = task.run(
        `p${profile}`,
        `issue:${number}`,
        state,
        now + day,
        payload(number),
        null,
        now,
        now,
        null,
      );
      if (nth >= liveEach) continue;
      const runDir = runDirOf(home, profile, nth);
      mkdirSync(runDir, { recursive: true });
      session.run(
        `live-${profile}-${nth}`,
        `p${profile}`,
        lastInsertRowid,
        `issue:${number}`,
        "running",
        runDir,
        now,
        now,
        null,
        null,
        null,
        null,
        "null",
      );
    }
    fillDecisions(database, `p${profile}`, now);
    fillOutbox(database, `p${profile}`, now);
  }
  fillEvents(database, profiles, events, now);
}

function fillDecisions(database: Database.Database, profile: string, now: number): void {
  const decision = database.prepare(
    `insert into decisions (profile_id, subject, lane, verdict, reason, detail, place, decided_at, about)
     values (?, ?, 'issue-implementation', 'hold', ?, ?, null, ?, ?)`,
  );
  const reasons = ["workers-full", "backoff", "human-review", "checks-pending", "already-worked"];
  for (let n = 0; n < candidatesEach; n += 1) {
    const isPull = n % 5 === 2;
    const pull = isPull ? { pull: { headSha: "0".repeat(40), risk: "high", checks: "running" } } : {};
    const about = { title: `Something to be done about part ${n}`, url: `https://example.test/${n}`, ...pull };
    const subject = isPull ? `pr:${n}` : `issue:${1_000_000 + n}`;
    decision.run(
      profile,
      subject,
      reasons[n % 5],
      "until something else is over",
      now - n * 60_000,
      JSON.stringify(about),
    );
  }
}

function fillOutbox(database: Database.Database, profile: string, now: number): void {
  const write = database.prepare(
    `insert into outbox (profile_id, kind, stream, idempotency_key, body, state, next_at, created_at, sent_at, last_error)
     values (?, 'comment', ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const body = JSON.stringify({ number: 7, body: "A comment that says what was done. ".repeat(20) });
  for (let n = 0; n < writesEach; n += 1) {
    const state = n < writesEach - 5 ? "sent" : n < writesEach - 2 ? "failed" : "pending";
    const at = now - (writesEach - n) * 3_600_000;
    const sentAt = state === "sent" ? at : null;
    write.run(
      profile,
      `${profile}/issue:${n}`,
      `${profile}-${n}`,
      body,
      state,
      at,
      at,
      sentAt,
      state === "failed" ? "refused (422)" : null,
    );
  }
}

function fillEvents(database: Database.Database, profiles: number, events: number, now: number): void {
  const event = database.prepare(
    "insert into events (at, actor, kind, profile_id, subject, body) values (?, 'r-bench', 'decision.changed', ?, ?, ?)",
  );
  const body = JSON.stringify({
    lane: "issue-implementation",
    verdict: "hold",
    reason: "backoff",
    detail: "until then",
  });
  const first = now - 300 * day;
  for (let n = 0; n < events; n += 1) {
    event.run(first + Math.floor((n / events) * 299 * day), `p${n % profiles}`, `issue:${n % 10_000}`, body);
  }
}

/** Each session under way says one thing more. */
export function talk(home: string, profiles: number, round: number): void {
  for (let profile = 0; profile < profiles; profile += 1) {
    for (let nth = 0; nth < liveEach; nth += 1) {
      const line = {
        at: Date.now(),
        kind: "tool-start",
        id: `t${round}`,
        tool: "Bash",
        detail: `npm test -- part ${round}`,
      };
      appendFileSync(join(runDirOf(home, profile, nth), "events.jsonl"), `${JSON.stringify(line)}\n`);
    }
  }
}
