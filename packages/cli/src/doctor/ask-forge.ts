import type { Clock, Instant, Millis } from "@agent-control-plane/core";
import type { ForgeAccess } from "../runtime/resolve-forge.ts";

/** What the forge answers to a few questions that change nothing. A status of 0: no answer; null: not asked. */
export interface ForgeAnswers {
  readonly repository:
    | { readonly kind: "unreachable"; readonly why: string }
    | {
        readonly kind: "answered";
        readonly status: number;
        readonly canPush: boolean;
        readonly isArchived: boolean;
        readonly hasIssues: boolean;
        readonly defaultBranch: string;
      };
  readonly branch: number | null;
  readonly label: number | null;
  /** Of git's advertisement for a push: what `git push` asks first, and nothing is written by it. */
  readonly push: number | null;
  /** The forge's clock, to the second, and ours in the middle of the request. */
  readonly date: { readonly theirs: Instant; readonly ours: Instant } | null;
  readonly rate: { readonly limit: number; readonly remaining: number; readonly resetAt: Instant } | null;
}

export interface ForgeQuestions {
  readonly access: ForgeAccess;
  readonly slug: string;
  /** Null: the default branch. */
  readonly branch: string | null;
  readonly label: string;
  readonly timeoutMs: Millis;
  readonly clock: Clock;
  /** Requests under way are in it, for whoever gives up on them. */
  readonly underWay: Set<AbortController>;
}

/** At most four requests. Not through the gate: that one saves what it meets in the store, and this must not write. */
export async function askForge(questions: ForgeQuestions): Promise<ForgeAnswers> {
  const { access, slug, clock } = questions;
  const nothing = { branch: null, label: null, push: null, date: null, rate: null };
  const startedAt = clock.now();
  const answer = await get(questions, `${access.apiUrl}/repos/${slug}`).catch((error: unknown) => whyOf(error));
  if (typeof answer === "string") return { ...nothing, repository: { kind: "unreachable", why: answer } };
  const ours = (startedAt + clock.now()) / 2;
  const body = answer.status === 200 ? await bodyOf(answer) : {};
  if (body === null)
    return { ...nothing, repository: { kind: "unreachable", why: "the answer is not JSON; is a proxy in between?" } };
  const repository = {
    kind: "answered",
    status: answer.status,
    canPush: body.permissions?.push ?? false,
    isArchived: body.archived ?? false,
    hasIssues: body.has_issues ?? true,
    defaultBranch: questions.branch ?? body.default_branch ?? "main",
  } as const;
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  const found = { repository, date: Number.isFinite(theirs) ? { theirs, ours } : null, rate: rateOf(answer.headers) };
  if (answer.status !== 200) return { ...nothing, ...found };
  const status = (url: string, basic = false) =>
    get(questions, url, basic).then(
      (answer) => answer.status,
      () => 0,
    );
  const [branch, label, push] = await Promise.all([
    status(`${access.apiUrl}/repos/${slug}/git/ref/heads/${encodeURI(repository.defaultBranch)}`),
    status(`${access.apiUrl}/repos/${slug}/labels/${encodeURIComponent(questions.label)}`),
    status(`${access.gitUrl}/${slug}.git/info/refs?service=git-receive-pack`, true),
  ]);
  // 409: a repository without any commit.
  return { ...found, branch: branch === 409 ? 404 : branch, label, push };
}

/** With a timer of our own: what `AbortSignal.any` makes of two may be collected before it fires (Node 20). */
async function get(questions: ForgeQuestions, url: string, basic = false): Promise<Response> {
  const { access, timeoutMs, underWay } = questions;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  underWay.add(controller);
  const credentials = Buffer.from(`x-access-token:${access.token}`).toString("base64");
  const headers: Record<string, string> = basic
    ? { authorization: `Basic ${credentials}`, "user-agent": "git/2.0 (agent-control-plane)" }
    : {
        authorization: `Bearer ${access.token}`,
        accept: "application/vnd.github+json",
        "user-agent": "agent-control-plane",
        "x-github-api-version": "2022-11-28",
      };
  try {
    const answer = await fetch(url, { redirect: "manual", signal: controller.signal, headers });
    // Of git's advertisement, which may be long, only the status counts.
    if (basic) await answer.body?.cancel();
    return basic ? answer : new Response(await answer.text(), { status: answer.status, headers: answer.headers });
  } finally {
    clearTimeout(timer);
    underWay.delete(controller);
  }
}

interface RepositoryBody {
  readonly permissions?: { readonly push?: boolean };
  readonly archived?: boolean;
  readonly has_issues?: boolean;
  readonly default_branch?: string;
}

const bodyOf = (answer: Response): Promise<RepositoryBody | null> =>
  answer.json().then(
    (body) => (typeof body === "object" ? (body as RepositoryBody) : null),
    () => null,
  );

function rateOf(headers: Headers): ForgeAnswers["rate"] {
  const number = (name: string) => Number(headers.get(`x-ratelimit-${name}`) ?? Number.NaN);
  const rate = { limit: number("limit"), remaining: number("remaining"), resetAt: number("reset") * 1000 };
  return Object.values(rate).every(Number.isFinite) ? rate : null;
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
