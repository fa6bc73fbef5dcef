export interface ReporterOptions {
  /** The program's database. */
  readonly database: string;
  /** The conversation that goes on in this session's worktree; it was begun in another one. */
  readonly resume: string | null;
}

/**
 * The text of a plugin for opencode and its forks. Their `run` prints nothing while it waits for a provider or a tool
 * runs, and nothing at all of a sub-agent: this prints a line for each of these, which `opencode-stream.ts` reads. And
 * `run -s` works in the folder where a conversation began, whatever the working directory is: it is moved here first.
 */
export function reporterText({ database, resume }: ReporterOptions): string {
  return `${resume === null ? "" : moving(database, resume)}
const seen = new Map();
const isNew = (key, value) => seen.get(key) !== value && (seen.set(key, value), true);
const print = (type, sessionID, fields) => process.stdout.write(JSON.stringify({ type, sessionID, ...fields }) + "\\n");

function report({ type, properties: { sessionID, status, part } = {} }) {
  if (type === "session.status" && isNew(sessionID, JSON.stringify(status))) print("acp_status", sessionID, { status });
  if (type !== "message.part.updated" || !part) return;
  if (part.type === "step-finish" && isNew(part.id, "")) print("acp_step", sessionID ?? part.sessionID, { part });
  if (part.type !== "tool" || part.state.status === "pending" || !isNew(part.callID, part.state.status)) return;
  const { tool, callID, state } = part;
  const input = JSON.stringify(state.input ?? null).slice(0, 500);
  print("acp_tool", sessionID ?? part.sessionID, { tool, callID, status: state.status, input });
}

export const Reporter = async () => ({ event: async ({ event }) => report(event) });
`;
}

/** Where that cannot be, nothing may run: the folder of before may be another session's. */
const moving = (database: string, resume: string): string => `import { Database } from "bun:sqlite";
try {
  const database = new Database(${JSON.stringify(database)}, { create: false, readwrite: true });
  database.query("update session set directory = ?1 where id = ?2").run(process.cwd(), ${JSON.stringify(resume)});
  database.close();
} catch (error) {
  process.stdout.write(JSON.stringify({ type: "acp_not_moved", message: String(error) }) + "\\n");
  process.exit(1);
}
`;
