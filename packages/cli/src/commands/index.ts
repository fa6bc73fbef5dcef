import type { Command } from "commander";
import type { CliContext } from "../context.ts";

/** Adds commands to the program. Heavy imports belong inside the action: the help registers them all. */
export type Register = (program: Command, context: CliContext) => void;

interface CommandFile {
  /** Of the commands it adds at the top, aliases included. */
  readonly names: readonly string[];
  readonly load: () => Promise<Register>;
}

/** In the order of the help. */
export const commandFiles: readonly CommandFile[] = [
  { names: ["demo"], load: async () => (await import("./demo.ts")).registerDemo },
  { names: ["setup", "onboard"], load: async () => (await import("./setup.ts")).registerSetup },
  { names: ["init"], load: async () => (await import("./init.ts")).registerInit },
  { names: ["doctor"], load: async () => (await import("./doctor.ts")).registerDoctor },
  { names: ["status"], load: async () => (await import("./status.ts")).registerStatus },
  { names: ["runtime"], load: async () => (await import("./runtime.ts")).registerRuntime },
  {
    names: ["service", "launchd-install", "launchd-uninstall"],
    load: async () => (await import("./services.ts")).registerServices,
  },
  { names: ["dashboard", "dashboard-login"], load: async () => (await import("./dashboard.ts")).registerDashboard },
  { names: ["flow"], load: async () => (await import("./flow.ts")).registerFlow },
  { names: ["why"], load: async () => (await import("./why.ts")).registerWhy },
  { names: ["budget"], load: async () => (await import("./budget.ts")).registerBudget },
  { names: ["sessions"], load: async () => (await import("./sessions.ts")).registerSessions },
  { names: ["tasks"], load: async () => (await import("./tasks.ts")).registerTasks },
  { names: ["outbox"], load: async () => (await import("./outbox.ts")).registerOutbox },
  { names: ["quota"], load: async () => (await import("./quota.ts")).registerQuota },
  { names: ["notify"], load: async () => (await import("./notify.ts")).registerNotify },
  { names: ["events"], load: async () => (await import("./events.ts")).registerEvents },
  { names: ["store"], load: async () => (await import("./store.ts")).registerStore },
  { names: ["issue"], load: async () => (await import("./issue.ts")).registerIssue },
  { names: ["pr"], load: async () => (await import("./pr.ts")).registerPr },
  { names: ["profile"], load: async () => (await import("./profile.ts")).registerProfile },
  {
    names: ["profile-smoke", "profile-adopt", "remove", "import-reference"],
    load: async () => (await import("./profile.ts")).registerProfileAliases,
  },
  { names: ["backends"], load: async () => (await import("./backends.ts")).registerBackends },
  { names: ["forge"], load: async () => (await import("./forge.ts")).registerForge },
  {
    names: ["sync", "install", "versions", "rollback"],
    load: async () => (await import("./versions.ts")).registerVersions,
  },
  { names: ["smoke"], load: async () => (await import("./smoke.ts")).registerSmoke },
  { names: ["completion"], load: async () => (await import("./completion.ts")).registerCompletion },
  { names: ["version"], load: async () => (await import("./version.ts")).registerVersion },
];

/** These are about all the others. */
const aboutAll: ReadonlySet<string> = new Set(["help", "completion"]);

/** What has to be registered for a command line with this first word: only its file, and all for the help or a typo. */
export async function commandsFor(word: string | undefined): Promise<readonly Register[]> {
  const own = commandFiles.filter(({ names }) => word !== undefined && names.includes(word) && !aboutAll.has(word));
  return Promise.all((own.length > 0 ? own : commandFiles).map(({ load }) => load()));
}
