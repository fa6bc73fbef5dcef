import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import type { DashboardFlags } from "../dashboard/serve-dashboard.ts";
import { examples } from "../examples.ts";

export function registerDashboard(program: Command, context: CliContext): void {
  program
    .command("dashboard")
    .description("what runs, what waits and why, live in a browser; it only looks unless it is told to act")
    .option("--host <address>", "address to listen on; one that others reach needs --login", "127.0.0.1")
    .option("--port <port>", "0: a free one", "8765")
    .option("--allow-host <name...>", "other names that it is reached by, for example behind a tunnel")
    .option("--login", "let nobody look who has not opened the one-time address that is printed")
    .option("--actions", "let who is logged in pause, stop, retry, approve and decide; with --login")
    .option("--bearer-file <file>", "let programs look that send its token (Authorization: Bearer)")
    .option("--open", "open it in your browser")
    .option("--json", "one JSON document on stdout when it serves")
    .addHelpText(
      "before",
      examples(["acp dashboard --open", "acp dashboard --port 0 --json", "acp dashboard --actions"]),
    )
    .action(async (flags: DashboardFlags) =>
      (await import("../dashboard/serve-dashboard.ts")).serveDashboard(context, flags),
    );
  program
    .command("dashboard-login")
    .description("the address that logs in once, of the dashboard that runs")
    .option("--port <port>", "which, when several run")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp dashboard-login", "acp dashboard-login --port 8765 --json"]))
    .action(async (flags: { readonly port?: string; readonly json?: boolean }) =>
      (await import("../dashboard/show-login.ts")).showLogin(context, flags),
    );
}
