import type { Timeline } from "@agent-control-plane/core";
import type { ConditionalReader } from "./conditional-read.ts";
import type { RepositoryName } from "./repository-name.ts";
import { assembleTimeline, entryMark, timelineShape } from "./timeline.ts";

/**
 * The whole timeline of an issue or pull request, one request for each hundred entries. It is read right after
 * something happened, so a full last page may have got a successor just now.
 */
export async function readTimeline(
  reader: ConditionalReader,
  at: RepositoryName,
  issue_number: number,
): Promise<Timeline> {
  const route = "/repos/{owner}/{repo}/issues/{issue_number}/timeline";
  return assembleTimeline(await reader.all(route, { ...at, issue_number }, timelineShape, entryMark, { grows: true }));
}
