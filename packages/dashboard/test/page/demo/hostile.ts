import type { Details, Document } from "../../../src/index.ts";
import { demoDetails } from "./demo-details.ts";
import { demoDocuments } from "./demo-documents.ts";
import { quietProfile } from "./demo-others.ts";
import { live } from "./demo-rows.ts";

/** Whoever runs any of this has written `pwned` into the page. */
const scripts = [
  "<script>globalThis.pwned = 1</script>",
  '<img src="x" onerror="globalThis.pwned = 2">',
  '"><svg onload="globalThis.pwned = 3">',
  "</textarea></style></title><iframe srcdoc='<script>parent.pwned = 4</script>'></iframe>",
  "javascript:globalThis.pwned=5",
].join(" ");

/** A direction override, which would turn `gpj.exe` into `exe.jpg`, and colours and a title of a terminal. */
const tricks = "safe\u202egpj.exe\u2066 \u001b[31mred\u001b[0m \u001b]0;title\u0007 \u0000\u009b2J";

export const nasty = `${scripts} ${tricks}`;
export const megabyte = "x".repeat(1_048_576);

/** Everything from outside is as bad as it can be. */
export function hostileDetails(now: number): Partial<Details> {
  const demo = demoDetails(now);
  const bad = <T>(value: T): T => spoilt(value) as T;
  return {
    item: async (...of) => {
      const item = await demo.item?.(...of);
      return item ? { ...bad(item), profileId: "web", subject: of[1], title: `${nasty} ${megabyte}` } : null;
    },
    session: async (id) => {
      const session = await demo.session?.("s-9039");
      return session ? { ...bad(session), id, profileId: "web", subject: "issue:1", state: "running" } : null;
    },
    flow: async (id) => {
      const flow = await demo.flow?.(id);
      if (!flow) return null;
      const [first, ...others] = flow.shownTasks;
      const spoiltTasks = others.map((task) => ({ ...bad(task), id: task.id, needs: [nasty] }));
      return { ...bad(flow), id, shownTasks: [{ ...bad(first), id: nasty, needs: [] }, ...spoiltTasks] } as never;
    },
    sessionDiff: async () => ({ files: [], patch: hostilePatch, truncated: true }),
    sessionLog: async (_, log, { start, length }) => {
      const bytes = new TextEncoder().encode(log === "events" ? hostileEvents : hostileOutput);
      const from = start < 0 ? Math.max(0, bytes.length + start) : Math.min(start, bytes.length);
      return { size: bytes.length, start: from, bytes: bytes.slice(from, from + Math.min(length, 1_048_576)) };
    },
    series: async (of) => (await demo.series?.(of)) as never,
  };
}

export function hostileDocuments(now: number): Map<string, Document> {
  const tool = { name: nasty, detail: `${nasty} ${megabyte}`, since: now };
  const profile = quietProfile(now, "web", {
    live: [live(now, "s-1", "issue:1", 3, { tool, text: `${nasty} ${megabyte}` }, { backend: nasty, summary: nasty })],
    titles: { "issue:1": `${nasty} ${megabyte}` },
  });
  return new Map([["profile:web", profile as unknown as Document]]);
}

/** The busy morning of the demo, in which every text that somebody or something else may have written is as bad. */
export function hostileMorning(now: number): Map<string, Document> {
  const entries = [...demoDocuments(now)].map(([key, document]) => [key, spoiltTexts(document)] as const);
  const documents = new Map(entries as [string, Document][]);
  const web = documents.get("profile:web") as Document;
  const titles = Object.fromEntries(Object.keys(web.titles as object).map((subject) => [subject, nasty]));
  return documents.set("profile:web", { ...web, titles: { ...titles, "issue:412": `${nasty} ${megabyte}` } });
}

/** What is of our own making, and the page goes by. */
const ownWords = new Set([
  ...[
    "profileId",
    "profileIds",
    "subject",
    "id",
    "state",
    "kind",
    "lane",
    "verdict",
    "checks",
    "severity",
    "what",
    "does",
  ],
  ...["reason", "code", "outcome", "risk", "why", "version", "forge"],
]);

function spoiltTexts(value: unknown, name = ""): unknown {
  if (typeof value === "string") return ownWords.has(name) ? value : `${value} ${nasty}`;
  if (Array.isArray(value)) return ownWords.has(name) ? value : value.map((one) => spoiltTexts(one, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoiltTexts(one, key)]));
}

/** Every text of it that is no date, number or name of a state. */
function spoilt(value: unknown): unknown {
  if (typeof value === "string") return `${value} ${nasty}`;
  if (Array.isArray(value)) return value.map(spoilt);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one)]));
}

const hostilePatch = [
  'diff --git "a/\\342\\200\\256<img src=x onerror=pwned=6>" "b/\\342\\200\\256<img src=x onerror=pwned=6>"',
  'new file mode 100644\n--- /dev/null\n+++ "b/\\342\\200\\256<img src=x onerror=pwned=6>"',
  `@@ -0,0 +1,20003 @@\n+${nasty}\n+${megabyte}\n+diff --git a/fake b/fake`,
  ...Array.from({ length: 20_000 }, (_, n) => `+line ${n}`),
  "",
].join("\n");

const hostileEvents = [
  megabyte,
  nasty,
  { kind: "message", text: `${nasty} ${megabyte.slice(0, 50_000)}` },
  { kind: "message", text: nasty },
  { kind: "tool-start", tool: nasty, id: "1", detail: nasty },
  { kind: "__proto__", text: nasty },
  { kind: "toString" },
  nasty,
]
  .map((event) => (typeof event === "string" ? event : JSON.stringify(event)))
  .concat("")
  .join("\n");

const hostileOutput = `${`${nasty}\n`.repeat(200)}${megabyte}\n${nasty}\n`;
