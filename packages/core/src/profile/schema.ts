import * as z from "zod";
import { type BackendSection, type BackendSettings, backendName } from "./backend-section.ts";
import { profileIdPattern } from "./places.ts";
import { forgeProviders, isolations } from "./profile.ts";
import { budgetsSection, pricesKey } from "./schema-budgets.ts";
import { count, derivedText, labelText, seconds, section, text, wholeNumber } from "./schema-fields.ts";
import { guardsSection, verificationSection } from "./schema-guards.ts";
import { mergeSection } from "./schema-merge.ts";
import { notificationsSection } from "./schema-notifications.ts";
import { paceKeys } from "./schema-pace.ts";
import { providerKeys, variableName } from "./schema-providers.ts";
import { resumeSection } from "./schema-resume.ts";
import { reviewsSection } from "./schema-reviews.ts";
import {
  heavySection,
  lanesSection,
  limitsSection,
  pullRequestsSection,
  queueSection,
  timeZoneKey,
} from "./schema-scheduling.ts";

const url = z
  .string()
  .regex(/^https?:\/\/[^\s/@]+(\/[^\s]*)?$/, "a web address without user name or password, such as https://host/path")
  .transform((value) => value.replace(/\/+$/, ""))
  .nullable()
  .default(null);

/**
 * The shape of control-plane.yaml, with defaults. Keys are the file's own (snake_case); unknown keys are errors.
 * Long because it is one table: every key of the file, once (those of scheduling stand in schema-scheduling.ts). An empty value means the default (see load-profile.ts).
 * Null stands for "derived": load-profile.ts fills in what follows from the profile id and the runtime home.
 */
const withBackends = (backends: readonly BackendSection[]) =>
  z.strictObject({
    schema_version: z.union([z.literal("1"), z.literal(1).transform(() => "1" as const)]).default("1"),
    id: z.string().regex(profileIdPattern, "1 to 40 lower-case letters, digits and hyphens, such as web-shop"),
    repo: z.strictObject({
      slug: z
        .string()
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
          "owner/name, such as octo/web-shop",
        ),
      root: derivedText,
      default_branch: text
        .regex(/^(?![-/.])(?!.*(\.\.|\/\/|@\{|\.lock$|[/.]$))[^\s~^:?*[\\]+$/, "a branch name, such as main")
        .nullable()
        .default(null),
    }),
    forge: section({
      provider: z.enum(forgeProviders).default("github"),
      api_url: url,
      git_url: url,
      request_timeout_seconds: seconds(15),
      ...paceKeys,
    }),
    runtime: section({
      orchestrator_agent_root: derivedText,
      worktree_root: derivedText,
      agent_repo_root: derivedText,
      runs_root: derivedText,
      worktree_pool_size: count(2, 100),
    }),
    time_zone: timeZoneKey,
    queue: queueSection,
    limits: limitsSection,
    lanes: lanesSection,
    heavy: heavySection,
    pull_requests: pullRequestsSection,
    merge: mergeSection,
    reviews: reviewsSection(backends),
    scheduler: section({
      interval_seconds: seconds(15),
      lease_seconds: seconds(60),
      heartbeat_seconds: seconds(10),
      drain_seconds: seconds(30),
    }),
    execution: section({
      coding_worker: backendName(backends).default(backends[0]?.name ?? ""),
      ...sectionsOf(backends),
      ...providerKeys(backends),
      env: section({
        pass: z.array(variableName).default([]),
        set: z.record(variableName, z.string()).default({}),
      }),
      limits: section({
        startup_seconds: seconds(120),
        stall_seconds: seconds(300),
        tool_seconds: seconds(900),
        timeout_seconds: seconds(3600),
        grace_seconds: seconds(10),
      }),
      retry: section({
        cooldowns: z.array(z.number().nonnegative().max(31_536_000)).min(1).default([300, 900, 1800, 3600]),
        max_attempts: wholeNumber(4, 100),
      }),
      isolation: z.enum(isolations).default("auto"),
      resume: resumeSection,
      prices: pricesKey,
    }),
    budgets: budgetsSection,
    guards: guardsSection,
    verification: verificationSection,
    publish: section({
      commit_author: section({
        name: text.regex(/^[^<>\n]*$/, "a name without < and >").default("agent-control-plane"),
        email: text
          .regex(/^[^\s<>@]+@[^\s<>@]+$/, "an e-mail address, such as agents@example.org")
          .default("noreply@agent-control-plane.invalid"),
      }),
      draft: z.boolean().default(false),
      labels: z.array(labelText).default([]),
    }),
    notifications: notificationsSection,
    prompts: section({ issue: derivedText }),
  });

type ProfileSchema = ReturnType<typeof withBackends>;

/** The schema of a profile that may use these backends; the first is the one that works when the file names none. */
export function profileSchemaOf(backends: readonly BackendSection[]): ProfileSchema {
  const made = schemas.get(backends) ?? withBackends(backends);
  schemas.set(backends, made);
  return made;
}

/** A runtime reads its profiles again and again with the same backends. */
const schemas = new WeakMap<readonly BackendSection[], ProfileSchema>();

/** Their keys are the backends' own, so what stands in them is unknown to everybody else. */
const sectionsOf = (backends: readonly BackendSection[]): Record<never, z.ZodType> =>
  Object.fromEntries(backends.map(({ name, settings }) => [name, settings.prefault({})]));

/** control-plane.yaml with every key present. */
export type ProfileFile = z.output<ProfileSchema>;

/** What a file says of one backend. */
export const settingsIn = ({ execution }: ProfileFile, name: string): BackendSettings =>
  ((execution as BackendSettings)[name] ?? {}) as BackendSettings;
