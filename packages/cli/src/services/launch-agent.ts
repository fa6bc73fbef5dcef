import { build, parse } from "plist";
import * as z from "zod";
import { agentLabel, theDashboard } from "./served.ts";
import { commandOf, environmentOf, type ServiceMark, type ServicePlan, serviceVariable } from "./service-plan.ts";

const absolute = z.string().startsWith("/");

/** The keys that we use, and no others: launchd takes no notice of one that is misspelt. */
const agentSchema = z.strictObject({
  Label: z.string().regex(/^ai\.agent-control-plane(\.profile\.[a-z0-9-]+|\.dashboard)?$/),
  ProgramArguments: z.tuple([absolute, absolute], z.string()),
  EnvironmentVariables: z.strictObject({
    [serviceVariable]: z.literal("launchd"),
    AGENT_RUNTIME_HOME: absolute,
    PATH: z.string().min(1),
  }),
  WorkingDirectory: absolute,
  StandardOutPath: absolute,
  StandardErrorPath: absolute,
  RunAtLoad: z.literal(true),
  KeepAlive: z.strictObject({ SuccessfulExit: z.literal(false) }),
  AbandonProcessGroup: z.literal(true),
  ProcessType: z.literal("Standard"),
  ThrottleInterval: z.int().min(10),
  ExitTimeOut: z.int().min(20),
});

export type LaunchAgent = z.infer<typeof agentSchema>;

/**
 * Pure. The text of a LaunchAgent. `AbandonProcessGroup`: sessions outlive the daemon. `Standard`: what launchd calls
 * background work is throttled, and the sessions and their tests with it.
 */
export function launchAgent(plan: ServicePlan): string {
  const agent: LaunchAgent = agentSchema.parse({
    Label: agentLabel(plan.served),
    ProgramArguments: [...commandOf(plan)],
    EnvironmentVariables: environmentOf(plan, "launchd"),
    WorkingDirectory: plan.home,
    StandardOutPath: plan.printed,
    StandardErrorPath: plan.printed,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    AbandonProcessGroup: true,
    ProcessType: "Standard",
    ThrottleInterval: 30,
    ExitTimeOut: plan.stopWithinSeconds,
  });
  return `${build(agent)}\n`;
}

/** Pure. The agent that a text describes; null: it is none of ours. */
export function parseLaunchAgent(text: string): LaunchAgent | null {
  try {
    return agentSchema.parse(parse(text));
  } catch {
    return null;
  }
}

/** Pure. Whose agent it is; null: not one of ours. */
export function markOfAgent(text: string): ServiceMark | null {
  const agent = parseLaunchAgent(text);
  if (agent === null) return null;
  const home = agent.EnvironmentVariables.AGENT_RUNTIME_HOME;
  if (agent.ProgramArguments[2] === "dashboard") return { home, ...theDashboard };
  const at = agent.ProgramArguments.indexOf("--profile-id");
  return {
    home,
    profileId: at < 0 ? null : (agent.ProgramArguments[at + 1] ?? null),
  };
}
