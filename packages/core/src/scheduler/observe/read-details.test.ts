import { expect, it } from "vitest";
import { baseSha, pullRequest, stored } from "../../../test/fixtures/pull-request.ts";
import type { PullRequestPart, PullRequestReading, StoredReading } from "../../domain/reading.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { readDetails } from "./read-details.ts";

type Step = readonly [Partial<PullRequest>, PullRequestPart];
type Kept = StoredReading<PullRequestReading>;

/** Reads it as it is in the list, once after the other; answers what is kept in the end. */
async function read(steps: readonly Step[]): Promise<Kept> {
  const pullRequests = new Map<string, Kept>();
  const project = {
    source: { readPullRequest: async () => stored().reading },
    known: {
      pullRequests,
      refused: new Map(),
      keepPullRequest: async (subject: string, kept: Kept) => void pullRequests.set(subject, kept),
    },
    clock: { now: () => 1_900_000_000_000 },
    log: {},
  } as unknown as Parameters<typeof readDetails>[0];
  for (const [over, part] of steps) {
    const reading = { kind: "pull-request", subject: "pr:7", pullRequest: pullRequest(over), part } as const;
    await readDetails(project, [reading], baseSha);
  }
  return pullRequests.get("pr:7") as Kept;
}

it.each<[string, readonly Step[], object, object]>([
  ["first seen", [[{ updatedAt: 1_000 }, "all"]], { headSeenAt: 1_000 }, { baseRef: "main" }],
  [
    "seen again with the same base",
    [
      [{ updatedAt: 1_000 }, "all"],
      [{ updatedAt: 2_000 }, "all"],
    ],
    { headSeenAt: 1_000 },
    { baseRef: "main" },
  ],
  [
    "retargeted: older approvals are of another change",
    [
      [{ updatedAt: 1_000, baseRef: "next" }, "all"],
      [{ updatedAt: 2_000 }, "all"],
    ],
    { headSeenAt: 2_000 },
    { baseRef: "main", baseSeenAt: 2_000 },
  ],
  [
    "retargeted and back",
    [
      [{ updatedAt: 1_000 }, "all"],
      [{ updatedAt: 2_000, baseRef: "next" }, "all"],
      [{ updatedAt: 3_000 }, "all"],
    ],
    { headSeenAt: 3_000 },
    { baseRef: "main", baseSeenAt: 3_000 },
  ],
  [
    "retargeted, though only its checks were to be read",
    [
      [{ updatedAt: 1_000, baseRef: "next" }, "all"],
      [{ updatedAt: 2_000 }, "checks"],
      [{ updatedAt: 2_000 }, "checks"],
    ],
    { headSeenAt: 2_000, itemUpdatedAt: 2_000 },
    { baseRef: "main", baseSeenAt: 2_000 },
  ],
])("a pull request %s", async (_, steps, about, base) => {
  const { reading, ...kept } = await read(steps);
  expect(kept).toMatchObject(about);
  const { baseRef, baseSeenAt } = reading;
  expect(baseSeenAt === undefined ? { baseRef } : { baseRef, baseSeenAt }).toEqual(base);
});
