import { join } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { startDashboard } from "@agent-control-plane/dashboard";
import { actingPerson } from "../acting-person.ts";
import { findAssets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { createLog } from "../logging.ts";
import { createNotices } from "../runtime/notify.ts";
import { dropLogin, keepLogin } from "./login-file.ts";
import { openInBrowser } from "./open-in-browser.ts";
import { readBearerFile } from "./read-bearer-file.ts";
import { StateSource } from "./state-source.ts";

export interface DashboardFlags {
  readonly host: string;
  readonly port: string;
  readonly allowHost?: readonly string[];
  readonly login?: boolean;
  readonly actions?: boolean;
  readonly bearerFile?: string;
  readonly open?: boolean;
  readonly json?: boolean;
}

/** `acp dashboard`: serves until a signal. Unless it was asked to act it only reads; ending it ends nothing else. */
export async function serveDashboard(context: CliContext, flags: DashboardFlags): Promise<void> {
  const { home, clock, env } = context;
  const source = new StateSource(context);
  let told: string | null = null;
  const onAddress = (address: string) => {
    keepLogin(home, Number(new URL(address).port), address);
    // The first is told with the answer of the command; the next ones to whoever sits before it, and to nobody's log.
    if (told !== null && context.interactive) context.output.print(`The next login: ${address}`);
    told = address;
  };
  const wantsLogin = flags.login === true || flags.actions === true;
  const notices = createNotices(context);
  const dashboard = await startDashboard({
    ...{ source, details: source, clock, log: createLog({ file: join(home, "logs", "dashboard.log"), fields: {} }) },
    ...{ page: findAssets().dashboard, host: flags.host, port: portOf(flags), allowedHosts: flags.allowHost ?? [] },
    login: wantsLogin ? { person: actingPerson(env), onAddress } : null,
    token: flags.bearerFile === undefined ? null : readBearerFile(flags.bearerFile),
    acts: flags.actions ? (await import("./acts/dashboard-acts.ts")).dashboardActs(context) : null,
  }).catch(async (error: unknown) => {
    await notices.failed(error);
    throw error;
  });
  notices.serving(dashboard.url);
  const { url } = dashboard;
  if (flags.json) context.output.json({ url, login: told, actions: flags.actions === true });
  else
    context.output.print(
      told === null ? url : `${told}\nThis address logs in once; "acp dashboard-login" prints the next.`,
    );
  if (!flags.json) context.output.print("Ctrl-C ends it; the runtime goes on.");
  if (flags.open) {
    // What a program is started with can be read by everybody on this machine.
    if (told !== null) context.output.note("not opened: the address logs in whoever has it; open it yourself");
    else openInBrowser(context, url);
  }
  await signalled();
  await dashboard.close();
  await source.close();
  if (wantsLogin) dropLogin(home, Number(new URL(url).port));
}

function portOf(flags: DashboardFlags): number {
  const port = Number(flags.port);
  if (/^\d{1,5}$/.test(flags.port) && port <= 65_535) return port;
  throw new UserError(`--port ${flags.port} is no port. Give a number from 0 (a free one) to 65535.`, { exitCode: 64 });
}

const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
