import {
  type ChangedFile,
  ForgeError,
  type Json,
  type MergeState,
  type PullRequest,
  type PullRequestPart,
  type PullRequestReading,
} from "@agent-control-plane/core";
import { filesShape } from "./changed-files.ts";
import type { ConditionalReader, Shape } from "./conditional-read.ts";
import { mergeStateOf } from "./merge-state.ts";
import { normalisePullRequest, type RawPullRequest } from "./normalise.ts";
import { readChecks, readMovingChecks, readOneKind } from "./read-checks.ts";
import { readTimeline } from "./read-timeline.ts";
import type { RepositoryName } from "./repository-name.ts";

/** The pull request and what comes in the same answer. */
export interface PullRequestDetail {
  readonly pull: PullRequest;
  readonly mergeState: MergeState;
  /** How many files it changes; null when the forge does not say. */
  readonly changedFiles: number | null;
}

export function readDetail(
  reader: ConditionalReader,
  at: RepositoryName,
  pull_number: number,
  options?: { readonly anew: boolean },
): Promise<PullRequestDetail> {
  return reader.one("/repos/{owner}/{repo}/pulls/{pull_number}", { ...at, pull_number }, detailShape, options);
}

/**
 * Everything, in five requests unless a list is long. The detail comes last: its head, being the one that was known
 * before, shows that nobody pushed in between, for files have no commit in their address. After a push everything is
 * read once more, for the new head.
 */
export async function readWhole(
  reader: ConditionalReader,
  at: RepositoryName,
  { number, headSha: known }: Pick<PullRequest, "number" | "headSha">,
): Promise<PullRequestReading> {
  let headSha = known;
  for (let reading = 0; reading < 3; reading += 1) {
    const [entries, checks, timeline] = await Promise.all([
      readFiles(reader, at, number),
      readChecks(reader, at, headSha),
      readTimeline(reader, at, number),
    ]);
    const { pull, mergeState, changedFiles } = await readDetail(reader, at, number);
    if (pull.headSha === headSha) {
      // GitHub lists 3,000 files at most.
      const files = changedFiles !== null && changedFiles <= entries.length ? entries.flat() : null;
      return { headSha, mergeState, files, checks, timeline };
    }
    headSha = pull.headSha;
  }
  throw new ForgeError("unreachable", `Pull request ${number} is pushed to faster than it can be read. Read later.`);
}

/** What moves without the pull request itself changing. A reading of another head is of no use: all is read. */
export async function readPart(
  reader: ConditionalReader,
  at: RepositoryName,
  pullRequest: Pick<PullRequest, "number" | "headSha">,
  part: {
    readonly kind: Exclude<PullRequestPart, "all">;
    readonly before: PullRequestReading;
  },
): Promise<PullRequestReading> {
  const { before } = part;
  if (before.headSha !== pullRequest.headSha) return readWhole(reader, at, pullRequest);
  if (part.kind === "checks") {
    return { ...before, checks: await readMovingChecks(reader, at, before.headSha, before.checks) };
  }
  if (part.kind === "check-runs" || part.kind === "statuses") {
    return { ...before, checks: await readOneKind(reader, at, before, part.kind) };
  }
  const { pull, mergeState } = await readDetail(reader, at, pullRequest.number, {
    anew: part.kind === "merge-state-anew",
  });
  return pull.headSha === before.headSha ? { ...before, mergeState } : readWhole(reader, at, pull);
}

/** One entry for each file the forge names, with the paths it stands at. */
async function readFiles(
  reader: ConditionalReader,
  at: RepositoryName,
  pull_number: number,
): Promise<readonly (readonly ChangedFile[])[]> {
  const route = "/repos/{owner}/{repo}/pulls/{pull_number}/files";
  const files = await reader.all(route, { ...at, pull_number }, filesShape, pathOf, { grows: true });
  return files.map((file) => file.paths);
}

const pathOf = (file: { readonly paths: readonly ChangedFile[] }) => file.paths[0]?.path ?? "";

const detailShape: Shape<PullRequestDetail & Json> = {
  name: "pull-1",
  project: (body) => {
    const raw = body as RawPullRequest & { mergeable?: unknown; mergeable_state?: unknown; changed_files?: unknown };
    const { mergeable, mergeable_state, changed_files } = raw;
    return {
      pull: normalisePullRequest(raw),
      mergeState: mergeStateOf(mergeable, mergeable_state),
      changedFiles: typeof changed_files === "number" ? changed_files : null,
    } as PullRequestDetail & Json;
  },
};
