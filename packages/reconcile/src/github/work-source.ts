import {
  ForgeError,
  type Issue,
  type Json,
  type Presence,
  type PullRequest,
  type WorkSource,
} from "@agent-control-plane/core";
import type { ConditionalReader, PageOf, Shape } from "./conditional-read.ts";
import type { Gate } from "./gate.ts";
import {
  ghost,
  normaliseIssue,
  normalisePermission,
  normalisePullRequest,
  type RawIssue,
  type RawPullRequest,
} from "./normalise.ts";
import { pageShape } from "./page-shape.ts";
import { readAnnotations } from "./read-annotations.ts";
import { readOneKind } from "./read-checks.ts";
import { readIssue } from "./read-issue.ts";
import { readJobLog } from "./read-job-log.ts";
import { readDetail, readPart, readWhole } from "./read-pull-request.ts";
import type { RepositoryName } from "./repository-name.ts";

/** Whatever happens to any item shows on the first page, so unchanged pages are the whole answer. */
const newestFirst = { sort: "updated", direction: "desc" } as const;

/** The order in which people opened them, whatever the forge sent first. */
const oldestFirst = <T extends { readonly number: number }>(items: readonly T[]): readonly T[] =>
  items.toSorted((a, b) => a.number - b.number);

/** One repository as the scheduler sees it. An idle look at it is two requests, both answered 304. */
export function createWorkSource(
  gate: Gate,
  reader: ConditionalReader,
  { owner, repo }: RepositoryName,
  selfLogin: () => Promise<string | null>,
): WorkSource {
  const at = { owner, repo };
  const readRepository = () => reader.one("/repos/{owner}/{repo}", at, repositoryShape);

  /**
   * Turns "not found" into `absent` only when the repository itself is there to be seen: without that look a token
   * that lost its rights would make everything disappear, and work would be thrown away for it.
   */
  async function presence<T>(read: () => Promise<T | null>): Promise<Presence<T>> {
    try {
      const value = await read();
      return value === null ? { kind: "absent" } : { kind: "present", value };
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      if (!saysNotHere(error)) return { kind: "unknown", because: error.message };
    }
    try {
      await readRepository();
      return { kind: "absent" };
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      return { kind: "unknown", because: error.message };
    }
  }

  return {
    repository: readRepository,
    async openIssues(label) {
      const query = { state: "open", labels: label, ...newestFirst };
      return oldestFirst(await reader.all("/repos/{owner}/{repo}/issues", { ...at, ...query }, issuesShape, byNumber));
    },
    async openPullRequests() {
      const query = { state: "open", ...newestFirst };
      return oldestFirst(
        await reader.all("/repos/{owner}/{repo}/pulls", { ...at, ...query }, pullRequestsShape, byNumber),
      );
    },
    issue: (issue_number) =>
      presence(() => reader.one("/repos/{owner}/{repo}/issues/{issue_number}", { ...at, issue_number }, issueShape)),
    pullRequest: (number) => presence(async () => (await readDetail(reader, at, number)).pull),
    readIssue: (issue, ofSameText) => readIssue(gate, reader, at, issue, ofSameText),
    readPullRequest: (pullRequest, part) =>
      part.kind === "all" ? readWhole(reader, at, pullRequest) : readPart(reader, at, pullRequest, part),
    checksOf: (sha, part, before) => readOneKind(reader, at, { headSha: sha, checks: before }, part),
    jobLog: (jobId, maxLength) => readJobLog(gate, at, jobId, maxLength),
    annotations: (checkRunId) => readAnnotations(gate, at, checkRunId),
    selfLogin,
    async labelNames() {
      const labels = await reader.all("/repos/{owner}/{repo}/labels", at, labelsShape, ({ name }) => name);
      return labels.map(({ name }) => name);
    },
    async permission(username) {
      if (username === ghost) return "none";
      const route = "/repos/{owner}/{repo}/collaborators/{username}/permission";
      try {
        return await reader.one(route, { ...at, username }, permissionShape);
      } catch (error) {
        if (error instanceof ForgeError && error.failure === "gone") return "none";
        throw error;
      }
    },
    branchHead: (branch) =>
      presence(() => reader.one("/repos/{owner}/{repo}/git/ref/{ref}", { ...at, ref: `heads/${branch}` }, refShape)),
  };
}

// 301: a transferred issue. 409: the repository has no commits, so it has no branches.
function saysNotHere(error: ForgeError): boolean {
  return error.failure === "gone" || error.details.status === 301 || error.details.status === 409;
}

const byNumber = (item: { readonly number: number }) => item.number;

const repositoryShape = {
  name: "repository-1",
  project: (body: unknown) => {
    const raw = body as { default_branch: string; permissions?: { push?: boolean } };
    return { defaultBranch: text(raw.default_branch), canPush: raw.permissions?.push ?? false };
  },
};

const issuesShape: Shape<PageOf<Issue & Json> & Json> = pageShape("issues-2", (raw: RawIssue) =>
  raw.pull_request === undefined ? normaliseIssue(raw) : null,
);

const pullRequestsShape: Shape<PageOf<PullRequest & Json> & Json> = pageShape("pulls-2", (raw: RawPullRequest) =>
  normalisePullRequest(raw),
);

/** Null for a pull request: its number names no issue. */
const issueShape = {
  name: "issue-2",
  project: (body: unknown) => {
    const raw = body as RawIssue;
    return raw.pull_request === undefined ? ({ ...normaliseIssue(raw) } as Issue & Json) : null;
  },
};

const labelsShape = pageShape("labels-1", (raw: { name: unknown }) => ({ name: text(raw.name) }));

const permissionShape = {
  name: "permission-1",
  project: (body: unknown) => normalisePermission(body as { permission: string; role_name?: string }),
};

const refShape = {
  name: "ref-1",
  project: (body: unknown) => text((body as { object: { sha: string } }).object.sha),
};

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error("not a text");
}
