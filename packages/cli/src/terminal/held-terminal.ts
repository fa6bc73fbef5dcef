import type { Streams } from "../context.ts";
import { Screen } from "./screen.ts";
import { type Key, typedKeys } from "./typed-keys.ts";

export interface HeldTerminal {
  readonly screen: Screen;
  /** Whoever holds it draws all of it anew. */
  redraw(): void;
  /** Lets go of the terminal and stops, until the shell continues it. */
  suspend(): void;
  /** Safe to repeat. */
  giveBack(): void;
}

export interface TerminalEvents {
  typed(key: Key): void;
  /** What stands on the screen is not known any more. */
  redraw(): void;
  /** A signal, or a terminal that is gone. */
  interrupted(): void;
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Takes the screen and the keys of a terminal, which has both back however the process ends: also by a defect of ours. */
export function holdTerminal({ stdin, stdout }: Omit<Streams, "stderr">, events: TerminalEvents): HeldTerminal {
  const screen = new Screen(stdout);
  const { interrupted } = events;
  const redraw = () => {
    screen.forget();
    events.redraw();
  };
  const typed = (text: string) => typedKeys(text).forEach(events.typed);
  const takesKeys = stdin.isTTY;
  const take = () => {
    screen.open();
    if (takesKeys) stdin.setRawMode(true);
  };
  const leave = () => {
    screen.close();
    if (takesKeys) stdin.setRawMode(false);
  };
  process.once("exit", leave);
  for (const signal of endings) process.on(signal, interrupted);
  process.on("SIGCONT", redraw);
  stdout.on("resize", redraw);
  if (takesKeys) stdin.setEncoding("utf8").on("data", typed).on("end", interrupted).on("error", interrupted);
  take();
  return {
    screen,
    redraw,
    suspend() {
      leave();
      // As a shell's Ctrl-Z does, for all that it started together; where nobody could continue us, nothing happens.
      process.kill(0, "SIGTSTP");
      take();
      events.redraw();
    },
    giveBack() {
      leave();
      process.removeListener("exit", leave);
      for (const signal of endings) process.removeListener(signal, interrupted);
      process.removeListener("SIGCONT", redraw);
      stdout.removeListener("resize", redraw);
      if (takesKeys) stdin.off("data", typed).off("end", interrupted).off("error", interrupted).pause();
    },
  };
}
