import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type OpenStore, storePath } from "@agent-control-plane/core";
import { git, installProfile, makeProduct, type Product } from "../../support/product.ts";
import { type ForgeReader, readForge } from "./forge-reader.ts";

/** Somebody's own label: no automation may take it off. */
export const ownLabel = "area: docs";

export interface CrashProject {
  readonly product: Product;
  readonly store: OpenStore;
  readonly storeFile: string;
  readonly forge: ForgeReader;
  readonly issues: number[];
  /** A new issue that is opted in and carries a person's own label. */
  addIssue(): Promise<number>;
  /** The issues an agent started on, one entry for each time it did, in order. */
  worked(): readonly number[];
  /** Names below the worktree root: worktrees, half-made ones, the trash. */
  foldersLeft(): readonly string[];
  /** Host-owned repositories that an interrupted operation left beside the anchor. */
  scratchLeft(): readonly string[];
  /** Refs of ours in the anchor. */
  refs(): readonly string[];
  /** Throws when git says that it did not go through. */
  pushAsPerson(refspec: string): void;
  readonly anchor: string;
  readonly worktreeRoot: string;
  readonly runsRoot: string;
}

/** A product with the local forge, one profile with a quick shell worker, and opted-in issues. Its daemon does not run. */
export async function makeCrashProject(wanted: {
  readonly issues: number;
  /** Shell text the agent runs between noting its start (in the file `$STARTED`) and writing its file. */
  readonly work: string;
  readonly configure?: Readonly<Record<string, unknown>>;
}): Promise<CrashProject> {
  const product = makeProduct();
  try {
    return await fill(product, wanted);
  } catch (error) {
    await product.close();
    throw error;
  }
}

async function fill(product: Product, wanted: Parameters<typeof makeCrashProject>[0]): Promise<CrashProject> {
  const startedFile = join(product.folder, "started.log");
  appendFileSync(startedFile, "");
  const { repository } = await installProfile(product, {
    shellCommand: [
      `STARTED="${startedFile}"; echo "$ACP_ISSUE_NUMBER" >> "$STARTED"`,
      wanted.work,
      'echo "for issue $ACP_ISSUE_NUMBER" > "note-$ACP_ISSUE_NUMBER.md"',
    ].join("; "),
    configure: {
      "limits.max_concurrent_workers": 3,
      "limits.max_launches_per_heartbeat": 3,
      "limits.max_open_agent_prs": 1000,
      "scheduler.interval_seconds": 0.25,
      "scheduler.lease_seconds": 3,
      "scheduler.heartbeat_seconds": 0.5,
      ...wanted.configure,
    },
  });
  const forge = await readForge(product.forge(), "ann", "ann/web");
  const remote = new URL(`${product.forge().url}/ann/web.git`);
  remote.username = "ann";
  remote.password = await product.forge().createToken({ login: "ann" });
  const agentRoot = join(product.home, "projects", "web");
  const worktreeRoot = join(agentRoot, "worktrees");
  const anchor = join(agentRoot, "anchor.git");
  const issues: number[] = [];
  const project: CrashProject = {
    product,
    store: await product.store(),
    storeFile: storePath(product.home),
    forge,
    issues,
    async addIssue() {
      const labels = ["agent-ready", ownLabel];
      const number = await forge.createIssue({ title: `A note is missing (${issues.length + 1})`, labels });
      issues.push(number);
      return number;
    },
    worked: () => readFileSync(startedFile, "utf8").split("\n").filter(Boolean).map(Number),
    foldersLeft: () => [
      ...namesIn(worktreeRoot).filter((name) => !name.startsWith(".")),
      ...[".making", ".trash"].flatMap((own) => namesIn(join(worktreeRoot, own)).map((name) => `${own}/${name}`)),
      ...namesIn(join(worktreeRoot, ".marks")).map((name) => `.marks/${name}`),
    ],
    scratchLeft: () => [
      ...namesIn(`${anchor}.scratch`),
      ...namesIn(agentRoot).filter((name) => name.startsWith("anchor.git.making-")),
    ],
    refs: () => (existsSync(anchor) ? git(anchor, "for-each-ref", "--format=%(refname)", "refs/acp").split("\n") : []),
    pushAsPerson: (refspec) => void git(repository, "push", "--quiet", remote.href, refspec),
    anchor,
    worktreeRoot,
    runsRoot: join(agentRoot, "runs"),
  };
  for (let count = 0; count < wanted.issues; count += 1) await project.addIssue();
  return project;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
