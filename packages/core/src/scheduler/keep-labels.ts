import { labelSpecs, missingLabels } from "../decide/label-specs.ts";
import type { Instant } from "../domain/time.ts";
import type { Project } from "./project.ts";

/** How long a look at a repository's labels holds: they are asked for again after it, and with a new daemon. */
const everyMs = 6 * 3_600_000;

/** Makes the labels a repository lacks, as a job beside the ticks. One that exists is never changed. */
export class LabelRounds {
  readonly #lookedAt = new Map<string, Instant>();

  /** Starts a round when one is due. A round that failed is due again; its job rests before it is tried. */
  start(project: Project): void {
    const { profileId, clock, jobs } = project;
    const passedMs = clock.now() - (this.#lookedAt.get(profileId) ?? Number.NEGATIVE_INFINITY);
    // Before 0: the clock was set back.
    if (passedMs >= 0 && passedMs < everyMs) return;
    jobs.start(`labels:${profileId}`, async () => {
      await keepLabels(project);
      this.#lookedAt.set(profileId, clock.now());
    });
  }
}

/**
 * Asks for each label that is missing. Its key names the day: asked for twice on one day it is one row, and a label that
 * a person deletes later is made again. Nothing is asked of a repository that we may not write to.
 */
async function keepLabels({ profileId, policy, source, store, clock, runtimeId }: Project): Promise<void> {
  const missing = missingLabels(labelSpecs(policy), await source.labelNames());
  if (missing.length === 0 || !(await source.repository()).canPush) return;
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const rows = missing.map(({ name, color, description }) => ({
    profileId,
    kind: "create-label" as const,
    stream: `${profileId}/labels`,
    idempotencyKey: `${profileId}/label/${name.toLowerCase()}/${day}`,
    body: { name, color, description },
  }));
  await store.outbox.enqueue(rows, runtimeId);
}
