import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { openLogins } from "./login-file.ts";

/** `acp dashboard-login`: the address that logs in once, of the dashboard that runs. */
export function showLogin(context: CliContext, flags: { readonly port?: string; readonly json?: boolean }): void {
  const all = openLogins(context.home);
  const found = flags.port === undefined ? all : all.filter(({ port }) => String(port) === flags.port);
  const [only, ...others] = found;
  if (!only)
    throw new UserError('No dashboard of this home that wants a login runs here. "acp dashboard --login" starts one.', {
      exitCode: 66,
    });
  if (others.length > 0)
    throw new UserError(`Several run: give --port, one of ${found.map(({ port }) => port).join(", ")}.`, {
      exitCode: 64,
    });
  if (flags.json) context.output.json(only);
  else context.output.print(only.address);
}
