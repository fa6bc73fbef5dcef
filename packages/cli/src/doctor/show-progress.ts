import type { CliContext } from "../context.ts";

/** On a terminal, after a second: which checks are still being made. Each change of it is a line on stderr. */
export function showProgress(context: CliContext, names: readonly string[], isQuiet: boolean) {
  const open = new Set(names);
  let isShown = false;
  const say = () => context.output.note(context.output.noteStyle.dim(`still looking: ${[...open].join(", ")} ...`));
  const timer = setInterval(() => {
    if (!isShown && open.size > 0) say();
    isShown = true;
  }, 1_000);
  if (isQuiet || !context.stderr.isTTY) clearInterval(timer);
  return {
    ended: (name: string): void => {
      open.delete(name);
      if (isShown && open.size > 0) say();
    },
    stop: (): void => clearInterval(timer),
  };
}
