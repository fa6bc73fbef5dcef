import type { NotificationMessage } from "@agent-control-plane/core";
import { type ProgramEnd, runProgram } from "./run-program.ts";

export type DesktopOrder = {
  readonly message: NotificationMessage;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly leaving: AbortSignal;
};

/** What a program needs to find the session of the person who sits there. */
const sessionVariables = ["PATH", "HOME", "LANG", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XAUTHORITY"];
const busVariable = "DBUS_SESSION_BUS_ADDRESS";

const mostText = 600;

export const desktopProgram = (platform: NodeJS.Platform): string =>
  platform === "darwin" ? "osascript" : "notify-send";

/** Shows it where the runtime runs, for as long as that desktop shows such things. */
export function sendDesktop({ message, env, platform, leaving }: DesktopOrder): Promise<ProgramEnd> {
  const passed = [...sessionVariables, busVariable].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return runProgram({
    argv: desktopCommand(message, platform),
    env: Object.fromEntries(passed),
    input: "",
    timeoutMs: 10_000,
    mark: `notify-${message.delivery}`,
    leaving,
  });
}

/** Pure. The words are arguments of the program, never a part of a script. */
function desktopCommand({ title, text }: NotificationMessage, platform: NodeJS.Platform): readonly string[] {
  const body = text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text;
  if (platform === "darwin") {
    const script = ["on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run"];
    return ["osascript", ...script.flatMap((line) => ["-e", line]), "--", title, body];
  }
  // The body may hold marks as HTML has them, and so would an issue's words.
  return ["notify-send", "--app-name=agent-control-plane", "--", title, escaped(body)];
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
