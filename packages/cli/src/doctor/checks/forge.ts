import { type Cooldown, loadSecrets, type Profile, UserError } from "@agent-control-plane/core";
import { liveDaemons } from "../../runtime/daemons.ts";
import { type ForgeAccess, resolveRunningForge } from "../../runtime/resolve-forge.ts";
import { withStoreToRead } from "../../store/with-store.ts";
import { askForge, type ForgeAnswers } from "../ask-forge.ts";
import { type Finding, note, ok, problem } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export type ForgeFacts = Of &
  (
    | { readonly kind: "no-token"; readonly message: string }
    | { readonly kind: "stopped"; readonly isDaemonThere: boolean }
    | { readonly kind: "cooling"; readonly until: number }
    | {
        readonly kind: "asked";
        readonly apiUrl: string;
        readonly tokenOrigin: string;
        readonly isLoopback: boolean;
        readonly answers: ForgeAnswers;
      }
  );

interface Of {
  readonly profileId: string;
  readonly slug: string;
  readonly readyLabel: string;
}

export const forgeCheck: Check = {
  name: "forge",
  limitMs: 20_000,
  look: async (scope, signal) => (await readForges(scope, signal)).flatMap(judgeForge),
};

function judgeForge(facts: ForgeFacts): readonly Finding[] {
  const { profileId, slug } = facts;
  switch (facts.kind) {
    case "no-token":
      return [
        problem("forge-token-missing", {
          subject: slug,
          profileId,
          found: facts.message,
          fix: "log in with gh auth login, or put a token into secrets.env (mode 0600).",
        }),
      ];
    case "stopped": {
      const said = {
        subject: profileId,
        profileId,
        found: "the local forge of this runtime home does not run",
        fix: "it starts with the runtime, or by itself with this command.",
        command: "acp forge start",
      };
      return [facts.isDaemonThere ? problem("local-forge-stopped", said) : note("local-forge-stopped", said)];
    }
    case "cooling": {
      const found = `the forge asked for a pause until ${new Date(facts.until).toISOString()}; it is not asked now`;
      return [
        note("forge-cooldown", { subject: slug, profileId, found, fix: "wait; work goes on by itself after it." }),
      ];
    }
    case "asked":
      return judgeAnswers(facts);
  }
}

function judgeAnswers(facts: Extract<ForgeFacts, { kind: "asked" }>): readonly Finding[] {
  const { profileId, slug, readyLabel, apiUrl, tokenOrigin, answers } = facts;
  const { repository, push, label, date, rate } = answers;
  const at = { subject: slug, profileId };
  const clock = judgeClock(profileId, date);
  if (repository.kind === "unreachable") {
    const found = `${apiUrl} does not answer: ${repository.why}`;
    return [
      problem("forge-unreachable", {
        ...at,
        found,
        fix: "look at the network, a proxy, and the forge's own status; work waits and goes on by itself.",
      }),
    ];
  }
  if (repository.status === 401) {
    const found = `the forge refuses the token (from ${tokenOrigin})`;
    return [
      problem("forge-token-refused", { ...at, found, fix: "make a new token and put it where the old one was." }),
      ...clock,
    ];
  }
  if (repository.status === 404 || repository.status === 301) {
    const found = `${slug} is not there, or this token (from ${tokenOrigin}) may not see it`;
    return [
      problem("repository-missing", {
        ...at,
        found,
        fix: "correct repo.slug, or give the token access to the repository.",
      }),
      ...clock,
    ];
  }
  if (rate !== null && rate.remaining === 0) return [rateUsedUp(at, rate), ...clock];
  if (repository.status !== 200) {
    const found = `${apiUrl} answered ${repository.status} for ${slug}`;
    return [
      problem("forge-unreachable", {
        ...at,
        found,
        fix: "look at the forge's own status; a 403 is a token without the right, or a limit.",
      }),
      ...clock,
    ];
  }
  const { canPush, isArchived, hasIssues, defaultBranch } = repository;
  const found = [
    ...(isArchived
      ? [
          problem("repository-archived", {
            ...at,
            found: `${slug} is archived: nothing can be written`,
            fix: "unarchive it on the forge, or remove the profile.",
          }),
        ]
      : []),
    ...(hasIssues
      ? []
      : [
          problem("issues-disabled", {
            ...at,
            found: `issues are switched off for ${slug}`,
            fix: "switch them on in the repository's settings.",
          }),
        ]),
    ...judgePush(at, canPush, push, tokenOrigin),
    ...(answers.branch === 404
      ? [
          problem("branch-missing", {
            ...at,
            found: `branch ${defaultBranch} of ${slug} is not there: there is nothing to work from`,
            fix: "push a first commit, or correct repo.default_branch.",
          }),
        ]
      : []),
    ...(label === 404
      ? [
          note("label-missing", {
            ...at,
            found: `${slug} has no label ${readyLabel}`,
            fix: "the runtime makes its labels when it starts; or make it on the forge.",
          }),
        ]
      : []),
    ...(rate !== null && rate.remaining < rate.limit / 10 ? [rateLow(at, rate)] : []),
    ...clock,
  ];
  const left = rate === null ? "no limit" : `${rate.remaining} of ${rate.limit} requests left`;
  return found.some(({ level }) => level === "problem")
    ? found
    : [ok("forge", slug, `${slug}: reachable, push allowed, ${left}`), ...found];
}

/** What the forge says of the person, and what its git says of the token: either may refuse. */
function judgePush(
  at: { subject: string; profileId: string },
  canPush: boolean,
  push: ForgeAnswers["push"],
  tokenOrigin: string,
): readonly Finding[] {
  const fix = "give the token write access to contents, issues and pull requests of the repository.";
  if (!canPush || push === 403 || push === 401)
    return [
      problem("push-not-allowed", {
        ...at,
        found: `the token (from ${tokenOrigin}) may not push to ${at.subject}`,
        fix,
      }),
    ];
  if (push === 200) return [];
  const found = `git at ${at.subject} answered ${push === 0 ? "nothing" : push}, although the API answers`;
  return [
    problem("remote-unreachable", {
      ...at,
      found,
      fix: "look whether a proxy or firewall lets git's address (forge.git_url) through.",
    }),
  ];
}

type Rate = NonNullable<ForgeAnswers["rate"]>;

const rateUsedUp = (at: { subject: string; profileId: string }, { limit, resetAt }: Rate): Finding =>
  problem("rate-low", {
    ...at,
    found: `all ${limit} requests of this hour are used`,
    fix: `wait until ${new Date(resetAt).toISOString()}; find out what else uses this token.`,
  });

const rateLow = (at: { subject: string; profileId: string }, { limit, remaining }: Rate): Finding =>
  note("rate-low", {
    ...at,
    found: `${remaining} of ${limit} requests of this hour are left`,
    fix: "find out what else uses this token; a quiet runtime uses next to none.",
  });

/** Leases and cooldowns compare our clock with theirs. */
const mostSkewMs = 60_000;

function judgeClock(profileId: string, date: ForgeAnswers["date"]): readonly Finding[] {
  if (date === null) return [];
  const skewMs = date.ours - date.theirs;
  if (Math.abs(skewMs) <= mostSkewMs) return [];
  const found = `this machine's clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? "ahead of" : "behind"} the forge's`;
  return [
    problem("clock-skew", {
      subject: "clock",
      profileId,
      found,
      fix: "switch on time synchronisation (timedatectl set-ntp true).",
    }),
  ];
}

async function readForges(scope: Scope, signal: AbortSignal): Promise<readonly ForgeFacts[]> {
  const { served, cooldowns } = await storeWords(scope);
  // One listener for all: each request with its own would be a hundred of them on one signal.
  const underWay = new Set<AbortController>();
  const stop = () => {
    for (const controller of underWay) controller.abort(new Error("given up"));
  };
  signal.addEventListener("abort", stop, { once: true });
  const profiles = scope.profiles.filter(({ id }) => mayRead(scope, id));
  return Promise.all(
    profiles.map(async (profile): Promise<ForgeFacts> => {
      const of = { profileId: profile.id, slug: profile.repo.slug, readyLabel: profile.queue.labels.ready };
      try {
        const access = await resolveRunningForge(scope.context, profile);
        if (access === null) return { ...of, kind: "stopped", isDaemonThere: served.has(profile.id) };
        return { ...of, ...(await ask(scope, profile, access, cooldowns, underWay)) };
      } catch (error) {
        if (error instanceof UserError) return { ...of, kind: "no-token", message: error.message };
        throw error;
      }
    }),
  );
}

/** With secrets that cannot be read there is nothing to ask with; the check of the home says why. */
function mayRead({ context: { home } }: Scope, profileId: string): boolean {
  try {
    loadSecrets(home, profileId);
    return true;
  } catch {
    return false;
  }
}

async function ask(
  { context: { clock } }: Scope,
  profile: Profile,
  access: ForgeAccess,
  cooldowns: readonly Cooldown[],
  underWay: Set<AbortController>,
) {
  const cooling = cooldowns.find(
    ({ scope, until }) => scope === `forge:${access.credentialKey}` && until > clock.now(),
  );
  if (cooling) return { kind: "cooling", until: cooling.until } as const;
  const answers = await askForge({
    ...{ access, slug: profile.repo.slug, branch: profile.repo.defaultBranch, label: profile.queue.labels.ready },
    ...{ timeoutMs: Math.min(profile.forge.requestTimeoutMs, 15_000), clock, underWay },
  });
  const { apiUrl, tokenOrigin, isLoopback } = access;
  return { kind: "asked", apiUrl, tokenOrigin, isLoopback, answers } as const;
}

/** A store that cannot be read knows nothing; its own check says so. */
async function storeWords({ context: { home } }: Scope) {
  const nothing = { served: new Set<string>(), cooldowns: [] as readonly Cooldown[] };
  try {
    return await withStoreToRead(home, nothing, async (store) => ({
      served: new Set((await liveDaemons(store)).flatMap(({ profileIds }) => profileIds)),
      cooldowns: await store.cooldowns.active(),
    }));
  } catch {
    return nothing;
  }
}
