import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@agent-control-plane/core";
import { type DashboardOptions, type Document, startDashboard } from "../../src/index.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const noSeries = {
  ...{ at: [], running: [], waiting: [], pending: [] },
  ...{ oldestWaitS: [], usd: [], tokens: [], allowanceLeft: [] },
};

const noFacts = {
  ...{ programDir: "/opt/acp", profilesDir: "/home/p", storeFile: "/home/s.db", profiles: new Map() },
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A dashboard on documents of the test's own, asked over real HTTP with whatever headers a test makes up. */
export async function serving(more: Partial<DashboardOptions> = {}) {
  const page = mkdtempSync(join(tmpdir(), "acp-page-"));
  writeFileSync(join(page, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(page, "app.js"), "export {};");
  let documents = new Map<string, Document>([["host", { version: "1" }]]);
  const seen = { reads: 0 };
  const source = {
    read: async () => {
      seen.reads += 1;
      return documents;
    },
  };
  const details = {
    item: async () => null,
    session: async () => null,
    sessionLog: async () => null,
    sessionDiff: async () => null,
    flow: async () => null,
    series: async () => noSeries,
    snapshotFacts: async () => noFacts,
  };
  const dashboard = await startDashboard({
    ...{
      source,
      details,
      clock: systemClock,
      log: quiet,
      page,
      host: "127.0.0.1",
      port: 0,
      allowedHosts: [],
      login: null,
      token: null,
      acts: null,
      lookMs: 5,
    },
    ...more,
  });
  const { port } = new URL(dashboard.url);
  return {
    url: dashboard.url,
    port: Number(port),
    seen,
    set(key: string, document: Document) {
      documents = new Map([...documents, [key, document]]);
    },
    ask: (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET", body = "") =>
      answerOf(Number(port), path, headers, method, body),
    async close() {
      await dashboard.close();
      rmSync(page, { recursive: true });
    },
  };
}

/** `fetch` would not send a `Host` of our choice. */
function answerOf(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  method: string,
  body: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
