import type { PlainDocuments } from "@agent-control-plane/dashboard/live";
import type { CliContext } from "../context.ts";
import { INTERRUPTED_EXIT_CODE } from "../interruptible.ts";
import { type HeldTerminal, holdTerminal } from "./held-terminal.ts";
import { type LaidOut, layOut, type Size } from "./lay-out.ts";
import { painted } from "./line.ts";
import { statusView } from "./status-view.ts";
import type { Key } from "./typed-keys.ts";

/** Times that are shown go on by themselves. */
const tickMs = 1_000;

/** What there is to show, and whether it is what there is. */
export interface Shown {
  readonly documents: PlainDocuments;
  /** Why the last look failed; null: it did not. */
  readonly problem: string | null;
}

/**
 * The whole screen, until a person quits it (0) or a signal ends it (130). It reads nothing itself: `shown` is what there
 * is, and `onChange` takes what it wants to be told by that there is something new.
 */
export async function fullScreen(
  context: Pick<CliContext, "stdin" | "stdout" | "clock" | "output" | "exitWith">,
  shown: () => Shown,
  onChange: (changed: () => void) => void,
): Promise<void> {
  const view = new View(context, shown);
  onChange(() => view.changed());
  try {
    await view.untilQuit();
  } finally {
    view.close();
  }
}

class View {
  readonly #context: Parameters<typeof fullScreen>[0];
  readonly #shown: () => Shown;
  readonly #terminal: HeldTerminal;
  #wake = new AbortController();
  #isOver = false;
  #top = 0;
  #page = 0;

  constructor(context: Parameters<typeof fullScreen>[0], shown: () => Shown) {
    this.#context = context;
    this.#shown = shown;
    this.#terminal = holdTerminal(context, {
      typed: (key) => this.#typed(key),
      redraw: () => this.changed(),
      interrupted: () => this.#end(INTERRUPTED_EXIT_CODE),
    });
  }

  changed(): void {
    this.#wake.abort();
  }

  close(): void {
    this.#terminal.giveBack();
  }

  async untilQuit(): Promise<void> {
    while (!this.#isOver) {
      this.#wake = new AbortController();
      this.#draw();
      await this.#context.clock.sleep(tickMs, this.#wake.signal);
    }
  }

  #draw(): void {
    const { stdout, clock, output } = this.#context;
    const { documents, problem } = this.#shown();
    const size = sizeOf(stdout);
    const { lines, top, page }: LaidOut = layOut(statusView(documents, clock.now()), size, this.#top, problem);
    this.#top = top;
    this.#page = page;
    this.#terminal.screen.draw(lines.map((line) => painted(line, size.columns, output.style)));
  }

  #typed(key: Key): void {
    if (key === "quit") this.#end(0);
    else if (key === "interrupt") this.#end(INTERRUPTED_EXIT_CODE);
    else if (key === "suspend") this.#terminal.suspend();
    else if (key === "redraw") this.#terminal.redraw();
    else {
      this.#top = Math.max(0, this.#top + stepOf(key, this.#page));
      // Drawn at once: the end of what there is bounds the next step.
      this.#draw();
    }
  }

  #end(code: number): void {
    this.#context.exitWith(code);
    this.#isOver = true;
    this.changed();
  }
}

type Scroll = Exclude<Key, "quit" | "interrupt" | "suspend" | "redraw">;

function stepOf(key: Scroll, page: number): number {
  const far = 1_000_000_000;
  return { up: -1, down: 1, "page-up": -page, "page-down": page, top: -far, end: far }[key];
}

/** Some terminals do not know how large they are. */
const sizeOf = ({ columns, rows }: Pick<NodeJS.WriteStream, "columns" | "rows">): Size => ({
  columns: columns > 0 ? columns : 80,
  rows: rows > 0 ? rows : 24,
});
