// A forge as a state machine in memory: issues with timelines, branches, pull requests; each write applied once.
import type { ManualClock } from "@agent-control-plane/testkit";
import type {
  Check,
  Issue,
  Json,
  LabelAct,
  MergeState,
  OutboxBodies,
  OutboxRow,
  Presence,
  PullRequest,
  TextEdit,
  Timeline,
  TimelineComment,
  TimelineReview,
  WorkSource,
} from "../../src/index.ts";
import { issue as anIssue, pullRequest as aPullRequest } from "../support/snapshots.ts";
import { refusalOfWrite, write } from "./simulated-writes.ts";

export type SimulatedPull = PullRequest & {
  readonly revision: string;
  readonly checks: readonly Check[];
  readonly mergeState: MergeState;
  readonly path: string;
};

/** What the token's account is called, and the one person who may do everything. */
export const bot = "bot";
const person = "ann";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Story extends Mutable<Omit<Timeline, "labelActs" | "comments" | "renames" | "pushes" | "reviews">> {
  labelActs: LabelAct[];
  comments: TimelineComment[];
  renames: { order: number; actor: string; at: number }[];
  reviews: TimelineReview[];
  pushes: { order: number; kind: "commit" | "force-push"; sha: string }[];
  edit: TextEdit | null;
  order: number;
}

export class SimulatedForge {
  readonly issues = new Map<number, Issue>();
  readonly pulls: SimulatedPull[] = [];
  readonly branches = new Map<string, string>([["main", "b".repeat(40)]]);
  /** Bodies of what we posted. */
  readonly comments: string[] = [];
  /** The keys of the rows that posted them. */
  readonly commentKeys: string[] = [];
  /** Logins, in lower case, that may write. */
  readonly writers = new Set([person, bot]);
  /** When a person last did something to an item, by its number. */
  readonly lastActs = new Map<number, number>();
  /** Issues that a person opened again: from then on they are theirs. */
  readonly reopened = new Set<number>();
  /** Pull requests that were handed to the merge queue. */
  readonly queued = new Set<number>();
  readonly problems: string[] = [];
  /** Checks of heads of the base. */
  readonly baseChecks = new Map<string, readonly Check[]>();
  /** What the checks of a new head say; turned by a test. */
  newChecks: () => readonly Check[] = () => [];
  /** Which file a new pull request changes. */
  newPath: () => string = () => "src/f.ts";
  #bases = 0;
  readonly #stories = new Map<number, Story>();
  readonly #applied = new Map<string, Json>();
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** Opted in by a person who may, when it carries the label. */
  addIssue(number: number, over: Partial<Issue> = {}): void {
    const at = this.#clock.now();
    const made = anIssue(number, { createdAt: at, updatedAt: at, ...over });
    this.issues.set(number, { ...made, labels: [] });
    this.label(number, { add: made.labels });
  }

  addPull(number: number, over: Partial<PullRequest> & { readonly checks?: readonly Check[] } = {}): void {
    const at = this.#clock.now();
    const made = aPullRequest(number, { createdAt: at, updatedAt: at, ...over });
    const checks = over.checks ?? this.newChecks();
    this.pulls.push({ ...made, labels: [], revision: "", checks, mergeState: "clean", path: this.newPath() });
    this.branches.set(made.headRef, made.headSha);
    this.#tell(number, (story, order) => story.pushes.push({ order, kind: "commit", sha: made.headSha }));
    this.label(number, { add: made.labels });
  }

  /** Something is said of it that changes no text of its own. */
  changeIssue(number: number, change: (issue: Issue) => Partial<Issue>, actor = person): void {
    const before = this.issues.get(number);
    if (!before) return;
    const after = { ...before, ...change(before), updatedAt: this.#clock.now() };
    this.issues.set(number, after);
    if (actor !== bot) this.lastActs.set(number, after.updatedAt);
    if (after.title !== before.title)
      this.#tell(number, (story, order) => story.renames.push({ order, actor, at: after.updatedAt }));
    if (after.body !== before.body)
      this.#tell(number, (story) => {
        story.edit = { editor: actor, at: after.updatedAt };
      });
  }

  /** Whether somebody who may not write has changed the title since the label was set. */
  isVoided(number: number, label: string): boolean {
    const { renames, labelActs } = this.#story(number);
    const set = labelActs.findLast((act) => act.kind === "added" && act.label === label);
    return renames.some(({ order, actor }) => order > (set?.order ?? 0) && !this.writers.has(actor));
  }

  changePull(number: number, change: Partial<SimulatedPull>): void {
    const index = this.pulls.findIndex((pull) => pull.number === number);
    const before = this.pulls[index];
    if (!before) return;
    this.pulls[index] = { ...before, ...change, updatedAt: this.#clock.now() };
    const { headSha } = change;
    if (headSha === undefined || headSha === before.headSha) return;
    this.branches.set(before.headRef, headSha);
    this.#tell(number, (story, order) => story.pushes.push({ order, kind: "commit", sha: headSha }));
  }

  label(
    number: number,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    actor = person,
  ): void {
    const item = this.issues.get(number) ?? this.pulls.find((pull) => pull.number === number);
    if (!item) return;
    const added = (change.add ?? []).filter((label) => !item.labels.includes(label));
    const removed = (change.remove ?? []).filter((label) => item.labels.includes(label));
    const labels = [...item.labels.filter((label) => !removed.includes(label)), ...added];
    const at = this.#clock.now();
    if (this.issues.has(number)) this.changeIssue(number, () => ({ labels }), actor);
    else this.changePull(number, { labels });
    if (actor !== bot) this.lastActs.set(number, at);
    for (const [kind, names] of [
      ["added", added],
      ["removed", removed],
    ] as const)
      for (const label of names)
        this.#tell(number, (story, order) => story.labelActs.push({ order, kind, label, actor, at }));
  }

  comment(number: number, body: string, author = person): void {
    const at = this.#clock.now();
    this.#tell(number, (story, order) =>
      story.comments.push({ order, id: order, author, body, createdAt: at, updatedAt: at }),
    );
    if (this.issues.has(number)) this.changeIssue(number, () => ({}), author);
    else this.changePull(number, {});
    if (author !== bot) this.lastActs.set(number, at);
  }

  review(
    number: number,
    state: TimelineReview["state"],
    author = person,
    given: { readonly body?: string; readonly headSha?: string } = {},
  ): void {
    const pull = this.pulls.find((each) => each.number === number);
    if (!pull) return;
    const at = this.#clock.now();
    this.#tell(number, (story, order) =>
      story.reviews.push({
        ...{
          order,
          id: order,
          author,
          state,
          body: given.body ?? "see here",
          headSha: given.headSha ?? pull.headSha,
          at,
        },
      }),
    );
    if (author !== bot) this.lastActs.set(number, at);
    this.changePull(number, {});
  }

  /** A person pushes to a pull request's branch. */
  push(number: number, sha: string): void {
    this.lastActs.set(number, this.#clock.now());
    this.changePull(number, { headSha: sha, checks: this.newChecks(), mergeState: "clean" });
  }

  /** The base branch moves on; how it merges with each pull request is worked out anew. */
  moveBase(stateOf: (pull: SimulatedPull) => MergeState): void {
    this.branches.set("main", `ba5e${(++this.#bases).toString(16).padStart(36, "0")}`);
    for (const [index, pull] of this.pulls.entries()) this.pulls[index] = { ...pull, mergeState: stateOf(pull) };
  }

  /** Something the forge itself finds out: its list entry does not change. */
  find(number: number, found: Partial<Pick<SimulatedPull, "checks" | "mergeState">>): void {
    const index = this.pulls.findIndex((pull) => pull.number === number);
    const pull = this.pulls[index];
    if (pull) this.pulls[index] = { ...pull, ...found };
  }

  close(
    number: number,
    how: "merged" | "closed",
    { actor = person, reason = "completed" }: { actor?: string; reason?: "completed" | "not-planned" } = {},
  ): void {
    if (actor !== bot) this.lastActs.set(number, this.#clock.now());
    if (this.issues.has(number)) {
      this.changeIssue(number, () => ({ state: "closed", stateReason: reason }), actor);
      return;
    }
    this.queued.delete(number);
    const pull = this.pulls.find((each) => each.number === number);
    if (pull?.state !== "open") return;
    this.changePull(number, { state: "closed", merged: how === "merged" });
    const closes = how === "merged" ? /^Closes #(\d+)/.exec(pull.body)?.[1] : undefined;
    if (closes) this.close(Number(closes), "closed", { actor });
  }

  /** The forge merges what it was handed, and nothing that cannot go in any more. */
  runQueue(): void {
    for (const number of this.queued) {
      const pull = this.pulls.find((each) => each.number === number);
      this.queued.delete(number);
      if (pull?.mergeState !== "dirty") this.close(number, "merged", { actor: bot });
    }
  }

  refusalOf(row: OutboxRow): string | null {
    return refusalOfWrite(this, row);
  }

  /** A row that was applied before answers what it made then. */
  applied(row: OutboxRow): Json | undefined {
    return this.#applied.get(row.idempotencyKey);
  }

  apply(row: OutboxRow, needed: Json): Json {
    if (this.#applied.has(row.idempotencyKey)) this.problems.push(`${row.idempotencyKey} was applied twice`);
    const refusal = this.refusalOf(row);
    if (refusal) this.problems.push(`${row.idempotencyKey} was pushed all the same: ${refusal}`);
    const result = this.#write(row, needed);
    this.#applied.set(row.idempotencyKey, result);
    return result;
  }

  #write(row: OutboxRow, needed: Json): Json {
    switch (row.kind) {
      case "add-labels": {
        const body = row.body as OutboxBodies["add-labels"];
        this.label(body.number ?? (needed as { number: number }).number, { add: body.labels }, bot);
        return {};
      }
      case "remove-labels": {
        const body = row.body as OutboxBodies["remove-labels"];
        this.label(body.number, { remove: body.labels }, bot);
        return {};
      }
      case "comment": {
        const { number, body } = row.body as OutboxBodies["comment"];
        this.comments.push(body);
        this.commentKeys.push(row.idempotencyKey);
        this.comment(number, `${body}\n\n<!-- acp:key=${encodeURIComponent(row.idempotencyKey)} -->`, bot);
        return {};
      }
      case "review": {
        const { number, headSha, event, body } = row.body as OutboxBodies["review"];
        this.commentKeys.push(row.idempotencyKey);
        const state = ({ approve: "approved", "request-changes": "changes-requested", comment: "commented" } as const)[
          event
        ];
        const at = this.#clock.now();
        this.#tell(number, (story, order) =>
          story.reviews.push({ order, id: order, author: bot, state, body, headSha, at }),
        );
        this.changePull(number, {});
        return {};
      }
      case "push-branch": {
        const { branch, sha } = row.body as OutboxBodies["push-branch"];
        this.branches.set(branch, sha);
        const pull = this.pulls.find(({ headRef }) => headRef === branch);
        if (pull) this.changePull(pull.number, { headSha: sha, checks: this.newChecks(), mergeState: "clean" });
        return {};
      }
      case "open-pull-request":
        return this.#openPull(row);
      default:
        return write(this, row);
    }
  }

  #openPull(row: OutboxRow): Json {
    const body = row.body as OutboxBodies["open-pull-request"];
    const number = 1_000 + this.pulls.length;
    if (this.branches.get(body.head) !== body.sha)
      this.problems.push(`pull request on ${body.head}, which is not pushed`);
    const { title, draft } = body;
    this.addPull(number, { title, body: body.body, draft, author: bot, headRef: body.head, headSha: body.sha });
    const made = this.pulls.at(-1);
    if (made) this.pulls[this.pulls.length - 1] = { ...made, revision: `${body.body.split("\n")[0] ?? ""} ${title}` };
    return { number, url: "" };
  }

  /** What the scheduler reads; `seen` refuses while the forge is away. */
  source(seen: <T>(value: () => T) => Promise<T>): WorkSource {
    const presence = <T>(value: T | undefined): Presence<T> =>
      value === undefined ? { kind: "absent" } : { kind: "present", value };
    const pull = (number: number) => this.pulls.find((each) => each.number === number);
    return {
      repository: () => seen(() => ({ defaultBranch: "main", canPush: true })),
      openIssues: (label) =>
        seen(() => [...this.issues.values()].filter((one) => one.state === "open" && one.labels.includes(label))),
      openPullRequests: () => seen(() => this.pulls.filter(({ state }) => state === "open")),
      issue: (number) => seen(() => presence(this.issues.get(number))),
      pullRequest: (number) => seen(() => presence(pull(number))),
      readIssue: ({ number }) =>
        seen(() => {
          const { edit, ...timeline } = this.#story(number);
          return { timeline: structuredClone(timeline), edit, blockers: [] };
        }),
      readPullRequest: ({ number, headSha }) =>
        seen(() => ({
          headSha,
          mergeState: pull(number)?.mergeState ?? "unknown",
          files: [{ path: pull(number)?.path ?? "", status: "M", additions: 1, deletions: 0 }],
          checks: pull(number)?.checks ?? [],
          timeline: structuredClone(this.#story(number)),
        })),
      checksOf: (sha, part, before) =>
        seen(() => {
          const kind = part === "statuses" ? "status" : "check-run";
          const found = (this.baseChecks.get(sha) ?? []).filter((each) => each.kind === kind);
          return [...before.filter((each) => each.kind !== kind), ...found];
        }),
      jobLog: () => seen(() => null),
      annotations: () => seen(() => []),
      selfLogin: () => seen(() => bot),
      labelNames: () => seen(() => []),
      permission: (login) => seen(() => (this.writers.has(login) ? "write" : "read")),
      branchHead: (branch) => seen(() => presence(this.branches.get(branch))),
    };
  }

  #story(number: number): Story {
    const story = this.#stories.get(number) ?? {
      ...{ labelActs: [], comments: [], renames: [], reviews: [], pushes: [], edit: null, order: 0 },
    };
    this.#stories.set(number, story);
    return story;
  }

  #tell(number: number, add: (story: Story, order: number) => unknown): void {
    const story = this.#story(number);
    story.order += 1;
    add(story, story.order);
  }
}
