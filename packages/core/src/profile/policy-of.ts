import type { SchedulingPolicy } from "../domain/policy.ts";
import type { Profile } from "./profile.ts";

/** A profile in the words of the deciding functions. No lane's share is larger than all of it. */
export function policyOf(profile: Profile): SchedulingPolicy {
  const { queue, limits } = profile;
  const workers = limits.maxConcurrentWorkers;
  const within = (share: number) => Math.min(share, workers);
  return {
    profileId: profile.id,
    slug: profile.repo.slug,
    lanes: profile.lanes,
    backend: profile.execution.codingWorker,
    providers: profile.execution.providers,
    labels: queue.labels,
    priorities: queue.priorities,
    trust: { labels: queue.trustedPermissions, comments: queue.commentPermissions },
    timeZone: profile.timeZone,
    limits: {
      workers,
      launchesPerTick: limits.maxLaunchesPerHeartbeat,
      pullRequestWorkers: within(limits.lanes.pullRequestWorkers),
      heavyWorkers: within(limits.lanes.heavyWorkers),
      recurringWorkers: within(limits.lanes.recurringWorkers),
      scheduledWorkers: within(limits.lanes.scheduledWorkers),
      scheduledHeavyWorkers: within(Math.min(limits.lanes.scheduledHeavyWorkers, limits.lanes.heavyWorkers)),
      blockedRecoveryWorkers: within(limits.lanes.blockedRecoveryWorkers),
      openAgentPullRequests: limits.maxOpenAgentPrs,
    },
    maxAttempts: profile.execution.retry.maxAttempts,
    onDrift: queue.onDrift,
    recurring: profile.recurring,
    blockedRecovery: profile.blockedRecovery,
    heavy: profile.heavy,
    pullRequests: profile.pullRequests,
    merge: profile.merge,
    reviews: profile.reviews,
    budgets: profile.budgets,
  };
}
