/** Whether a path, from the repository's root and with `/`, matches. */
export type PathMatcher = (path: string) => boolean;

/** One step of a compiled pattern; `to` are the steps that may come next without reading a character. */
type Step =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "in-name" | "anything" | "end" }
  | { readonly kind: "jump"; to: readonly number[] };

/**
 * `*` and `?` stay within one name, `**` as a whole name stands for any depth (also none, when a `/` follows), `{a,b}`
 * for either, `\` takes the next character as it is; everything else is itself, brackets too, since names like `[id]`
 * are common. Names with a leading dot are names like any other. Case counts.
 *
 * Paths are hostile: all ways through the pattern are followed at once, so that matching costs at most the length of
 * the path times that of the pattern, where a backtracking matcher can be made to run for ever.
 */
export function compileGlob(pattern: string): PathMatcher {
  const text = pattern.replace(/^\.?\//, "");
  const steps = compile(text);
  const head = /^[^*?{}\\]*/.exec(text)?.[0] ?? "";
  const tail = /[^*?{},\\]*$/.exec(text)?.[0] ?? "";
  const end = text.includes("{") || text.includes("\\") ? "" : tail;
  return (path) => path.startsWith(head) && path.endsWith(end) && matches(steps, path);
}

/** Whether it matches any of them. */
export function compileGlobs(patterns: readonly string[]): PathMatcher {
  const matchers = patterns.map(compileGlob);
  return (path) => matchers.some((each) => each(path));
}

function compile(text: string): readonly Step[] {
  const steps: Step[] = [];
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
  return steps;
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

function matches(steps: readonly Step[], path: string): boolean {
  const seenAt = new Int32Array(steps.length).fill(-1);
  let now = reach(steps, [0], seenAt, 0);
  for (let at = 0; at < path.length && now.length > 0; at++) {
    const char = path[at] as string;
    const next: number[] = [];
    for (const each of now) if (reads(steps[each] as Step, char)) next.push(each + 1);
    now = reach(steps, next, seenAt, at + 1);
  }
  return now.some((each) => steps[each]?.kind === "end");
}

function reads(step: Step, char: string): boolean {
  if (step.kind === "char") return step.char === char;
  return step.kind === "anything" || (step.kind === "in-name" && char !== "/");
}

/** The reading steps that can be reached from these without reading, each once. */
function reach(steps: readonly Step[], from: readonly number[], seenAt: Int32Array, turn: number): number[] {
  const found: number[] = [];
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seenAt[at] === turn) continue;
    seenAt[at] = turn;
    const step = steps[at] as Step;
    if (step.kind === "jump") open.push(...step.to);
    else found.push(at);
  }
  return found;
}
