import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenStore, Task } from "@agent-control-plane/core";
import { git, installProfile, makeProduct, type Product, until } from "../../support/product.ts";
import { type Person, personAt } from "./person.ts";

export const allLanes = [
  "issue-implementation",
  "scheduled-check",
  "blocked-recovery",
  "pr-review",
  "pr-fix",
  "pr-merge-repair",
] as const;

export interface LanesProject {
  readonly product: Product;
  readonly store: OpenStore;
  /** May do everything; an account with permission to write; one that may only read; ours. */
  readonly ann: Person;
  readonly will: Person;
  readonly eve: Person;
  readonly agent: Person;
  /** Each start of an agent: `<lane> <item>`, in order. */
  started(): readonly string[];
  /** Lets whatever waits for this gate (`gate <name>` in a script) go on. */
  open(gate: string): void;
  /** Whether a gate is open, or a script has touched a file of that name in `$CONTROL`. */
  isOpen(gate: string): boolean;
  /** A file that a script left in `$CONTROL`. */
  readControl(name: string): string;
  /** Pushes a commit with these files on top of a branch of ann/web, never by force; to another repository when named. */
  push(branch: string, files: Readonly<Record<string, string>>, from?: string, to?: string): string;
  /** A file of a commit that the host's repository has. */
  fileAt(ref: string, path: string): string | null;
  commitAt(ref: string): string;
  /** Refs of ours in the host's repository. */
  refs(prefix: string): readonly string[];
  why(number: number): Promise<{ readonly verdict: string; readonly reason: string; readonly detail: string }>;
  /** The tasks of one item, oldest first. */
  tasks(subject: string): Promise<readonly Task[]>;
  start(): Promise<void>;
}

/**
 * A product whose profile runs all six lanes. `script` is what its shell worker does, by lane; in it, `report '<json>'`
 * writes the result file and `gate <name>` waits until the test opens that gate.
 */
export async function makeLanesProject(wanted: {
  readonly script: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly configure?: Readonly<Record<string, unknown>>;
  /** Of the checks: shell text, in which `gate` works as well. */
  readonly checks?: string;
}): Promise<LanesProject> {
  const product = makeProduct();
  try {
    return await fill(product, wanted);
  } catch (error) {
    await product.close();
    throw error;
  }
}

async function fill(product: Product, wanted: Parameters<typeof makeLanesProject>[0]): Promise<LanesProject> {
  const control = join(product.folder, "control");
  mkdirSync(control);
  const functions = [
    `gate() { until [ -e "${control}/$1" ]; do sleep 0.05; done; }`,
    'report() { mkdir -p .acp; printf "%s" "$1" > "$ACP_RESULT_FILE"; }',
    `CONTROL="${control}"`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for the shell.
    'ITEM="${ACP_PR_NUMBER:-$ACP_ISSUE_NUMBER}"',
  ].join("\n");
  writeFileSync(join(control, "functions.sh"), `${functions}\n`);
  writeFileSync(join(control, "started.log"), "");
  for (const lane of allLanes) writeFileSync(join(control, `${lane}.sh`), `${wanted.script[lane] ?? "exit 9"}\n`);
  const { repository } = await installProfile(product, {
    shellCommand: [
      `. "${control}/functions.sh"`,
      `echo "$ACP_LANE $ITEM" >> "${control}/started.log"`,
      `. "${control}/$ACP_LANE.sh"`,
    ].join("; "),
    ...(wanted.files ? { files: wanted.files } : {}),
    configure: {
      "lanes.enabled": [...allLanes],
      "limits.max_concurrent_workers": 40,
      "limits.max_launches_per_heartbeat": 40,
      "limits.max_open_agent_prs": 1000,
      "scheduler.heartbeat_seconds": 0.5,
      "verification.commands": [
        {
          name: "checks",
          command: `. "${control}/functions.sh"; ${wanted.checks ?? "git show --check --format= HEAD"}`,
        },
      ],
      ...wanted.configure,
    },
  });
  const admin = product.forge();
  for (const login of ["will", "eve"]) await admin.createUser({ login });
  await admin.setPermission("ann/web", "will", "write");
  await admin.setPermission("ann/web", "eve", "read");
  const people = await Promise.all(
    ["ann", "will", "eve", "acp-agent"].map((login) => personAt(admin, "ann/web", login)),
  );
  const [ann, will, eve, agent] = people as [Person, Person, Person, Person];
  const remote = new URL(`${admin.url}/ann/web.git`);
  remote.username = "will";
  remote.password = await admin.createToken({ login: "will" });
  const anchor = join(product.home, "projects", "web", "anchor.git");
  const store = await product.store();
  return {
    product,
    store,
    ann,
    will,
    eve,
    agent,
    started: () => readFileSync(join(control, "started.log"), "utf8").split("\n").filter(Boolean),
    open: (gate) => writeFileSync(join(control, gate), ""),
    isOpen: (gate) => existsSync(join(control, gate)),
    readControl: (name) => readFileSync(join(control, name), "utf8"),
    push(branch, files, from = branch, to = "ann/web") {
      git(repository, "fetch", "--quiet", remote.href, from);
      git(repository, "checkout", "--quiet", "--detach", "FETCH_HEAD");
      for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
      git(repository, "add", "--all");
      const who = ["-c", "user.name=Will", "-c", "user.email=will@example.test"];
      git(repository, ...who, "commit", "--quiet", "--message", `Change ${Object.keys(files).join(", ")}`);
      git(repository, "push", "--quiet", remote.href.replace("/ann/web", `/${to}`), `HEAD:refs/heads/${branch}`);
      return git(repository, "rev-parse", "HEAD");
    },
    fileAt(ref, path) {
      try {
        return git(anchor, "show", `${ref}:${path}`);
      } catch {
        return null;
      }
    },
    commitAt: (ref) => git(anchor, "rev-parse", ref),
    refs: (prefix) =>
      existsSync(anchor) ? git(anchor, "for-each-ref", "--format=%(refname)", prefix).split("\n").filter(Boolean) : [],
    why: (number) => product.json("why", String(number)),
    tasks: async (subject) =>
      (await store.tasks.list({ queue: "web" })).filter((task) => task.subject === subject).sort((a, b) => a.id - b.id),
    async start() {
      await product.json("runtime", "start", "--profile-id", "web");
    },
  };
}

/** The outbox, which is delivered row by row, stands still for some seconds at our first label on this item. */
export async function holdUpWrites({ product }: LanesProject, item: number): Promise<void> {
  await product.forge().addFault({ method: "POST", path: new RegExp(`/issues/${item}/labels$`) }, { delayMs: 13_000 });
}

/** Waits until `why` names this reason for an item; says what it named last when it never does. */
export async function untilHeld(project: LanesProject, number: number, reason: string): Promise<string> {
  let last = "";
  return until(
    `#${number} is held: ${reason}`,
    async () => {
      const seen = await project.why(number);
      last = `${seen.reason}: ${seen.detail}`;
      return seen.reason === reason ? seen.detail : null;
    },
    30_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it was ${last}`);
  });
}
