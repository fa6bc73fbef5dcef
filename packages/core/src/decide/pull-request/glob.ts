/** Whether a path, from the repository's root and with `/`, matches. */
export type PathMatcher = (path: string) => boolean;

/** One step of a compiled pattern; `to` are the steps that may come next without reading a character. */
type Step =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "in-name" | "anything" | "end" }
  | { readonly kind: "jump"; to: readonly number[] };

/**
 * Whether a path matches one of these. `*` and `?` stay within one name, `**` as a whole name stands for any depth (also
 * none, when a `/` follows), `{a,b}` for either, `\` takes the next character as it is; everything else is itself,
 * brackets too, since names like `[id]` are common. Names with a leading dot are names like any other. Case counts.
 *
 * Paths are hostile: all ways through all patterns are followed at once, where a matcher that tries one after the other
 * can be made to run for ever. What one character does to such a set of ways is remembered, so that the many paths of a
 * large change cost little more than their length.
 */
export function compileGlobs(patterns: readonly string[]): PathMatcher {
  const steps: Step[] = [];
  const starts = patterns.map((pattern) => {
    const start = steps.length;
    compileInto(steps, pattern.replace(/^\.?\//, ""));
    return start;
  });
  const literals = new Set(["/", ...steps.flatMap((step) => (step.kind === "char" ? [step.char] : []))]);
  let ways = new Ways(steps, starts);
  return (path) => {
    if (ways.size > mostRemembered) ways = new Ways(steps, starts);
    let state = ways.start;
    for (let at = 0; at < path.length && state.at.length > 0; at++) {
      const char = path[at] as string;
      // Characters that no pattern names are all alike.
      state = ways.after(state, literals.has(char) ? char : "");
    }
    return state.isEnd;
  };
}

export const compileGlob = (pattern: string): PathMatcher => compileGlobs([pattern]);

/** Few sets of ways come up with real paths; hostile ones could make many. */
const mostRemembered = 2_000;

/** Where all ways through the patterns stand at once. */
interface State {
  readonly at: readonly number[];
  readonly isEnd: boolean;
  readonly next: Map<string, State>;
}

/** The states met so far, each once. */
class Ways {
  readonly start: State;
  readonly #steps: readonly Step[];
  readonly #known = new Map<string, State>();

  constructor(steps: readonly Step[], starts: readonly number[]) {
    this.#steps = steps;
    this.start = this.#stateOf(starts);
  }

  get size(): number {
    return this.#known.size;
  }

  after(state: State, char: string): State {
    const known = state.next.get(char);
    if (known) return known;
    const next = this.#stateOf(state.at.filter((at) => reads(this.#steps[at] as Step, char)).map((at) => at + 1));
    state.next.set(char, next);
    return next;
  }

  #stateOf(from: readonly number[]): State {
    const at = reach(this.#steps, from);
    const key = at.join();
    const known = this.#known.get(key);
    if (known) return known;
    const state = { at, isEnd: at.some((each) => this.#steps[each]?.kind === "end"), next: new Map() };
    this.#known.set(key, state);
    return state;
  }
}

/** Adds the steps of one pattern. */
function compileInto(steps: Step[], text: string): void {
  const groups: {
    readonly fork: { to: readonly number[] };
    readonly starts: number[];
    readonly exits: { to: readonly number[] }[];
  }[] = [];
  const jump = (...to: number[]) => {
    const step = { kind: "jump" as const, to: to as readonly number[] };
    steps.push(step);
    return step;
  };
  const loop = (kind: "in-name" | "anything") => {
    const at = steps.length;
    jump(at + 1, at + 3);
    steps.push({ kind });
    jump(at);
  };
  const closes = closingBraces(text);
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    const group = groups.at(-1);
    if (char === "\\" && at + 1 < text.length) {
      steps.push({ kind: "char", char: text[++at] as string });
    } else if (char === "*" && isWholeName(text, at)) {
      at += 1;
      if (text[at + 1] === "/") {
        at += 1;
        const skip = jump(steps.length + 1);
        loop("anything");
        steps.push({ kind: "char", char: "/" });
        skip.to = [...skip.to, steps.length];
      } else loop("anything");
    } else if (char === "*") {
      loop("in-name");
      while (text[at + 1] === "*") at += 1;
    } else if (char === "?") {
      steps.push({ kind: "in-name" });
    } else if (char === "{" && closes.has(at)) {
      const fork = jump();
      groups.push({ fork, starts: [steps.length], exits: [] });
    } else if (char === "," && group) {
      group.exits.push(jump());
      group.starts.push(steps.length);
    } else if (char === "}" && group) {
      for (const exit of group.exits) exit.to = [steps.length];
      group.fork.to = group.starts;
      groups.pop();
    } else {
      steps.push({ kind: "char", char });
    }
  }
  steps.push({ kind: "end" });
}

/** `**` with nothing but a border on either side; within a name two stars are as good as one. */
function isWholeName(text: string, at: number): boolean {
  const border = (char: string | undefined) => char === undefined || "/{},".includes(char);
  return text[at + 1] === "*" && border(text[at - 1]) && border(text[at + 2]);
}

/** The opening braces that are closed again; one that is not is a character like any other. */
function closingBraces(text: string): ReadonlySet<number> {
  const open: number[] = [];
  const closed = new Set<number>();
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "{") open.push(at);
    else if (text[at] === "}" && open.length > 0) closed.add(open.pop() as number);
  }
  return closed;
}

function reads(step: Step, char: string): boolean {
  if (step.kind === "char") return step.char === char;
  return step.kind === "anything" || (step.kind === "in-name" && char !== "/");
}

/** The reading steps that can be reached from these without reading, each once, in order. */
function reach(steps: readonly Step[], from: readonly number[]): readonly number[] {
  const seen = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const step = steps[at] as Step;
    if (step.kind === "jump") open.push(...step.to);
  }
  return [...seen].filter((at) => steps[at]?.kind !== "jump").sort((a, b) => a - b);
}
