import { type CommandRules, isForbiddenVariable, type NotificationMessage } from "@agent-control-plane/core";
import { type ProgramEnd, runProgram } from "./run-program.ts";

const usual = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR"];

/** Runs a person's own command with the message on its standard input; told is who ends with 0. */
export function sendCommand(order: {
  readonly message: NotificationMessage;
  readonly rules: CommandRules;
  readonly env: NodeJS.ProcessEnv;
  readonly leaving: AbortSignal;
}): Promise<ProgramEnd> {
  const { message, rules, env, leaving } = order;
  return runProgram({
    argv: rules.run,
    env: { ...commandEnvironment(rules.pass, env), ACP_DELIVERY: message.delivery },
    input: `${JSON.stringify(message)}\n`,
    timeoutMs: rules.timeoutMs,
    mark: `notify-${message.delivery}`,
    leaving,
  });
}

/** Pure. What every program needs, and what the rules name: tokens of the forge never get in. */
export function commandEnvironment(pass: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const found = [...usual, ...pass].flatMap((name) => {
    const value = env[name];
    return value === undefined || isForbiddenVariable(name) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}
