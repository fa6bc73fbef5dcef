// Plans whose end is known beforehand, whatever is killed meanwhile, and whose workers write down what they really did.
import { join } from "node:path";

/** What a task is to come to, by its own doing; what it needs may still have it skipped. */
export interface Foretold {
  readonly id: string;
  readonly needs: readonly string[];
  readonly end: "succeeded" | "failed";
  /** What needs it goes on after its failure. */
  readonly isTolerated: boolean;
  /** Attempts that may count in one round, answered retries included. */
  readonly most: number;
}

export interface KillablePlan {
  readonly plan: { readonly name: string; readonly parallelism: number; readonly tasks: readonly object[] };
  readonly foretold: readonly Foretold[];
}

/** Answers by task, for questions that nobody answers for it. */
export const answers: Readonly<Record<string, string>> = { continues: "continue", again: "retry", verdict: "pass" };

interface Kind {
  readonly weight: number;
  readonly make: (paths: Paths) => Readonly<Record<string, unknown>>;
  readonly end: Foretold["end"];
  readonly isTolerated?: boolean;
  readonly most: number;
}

interface Paths {
  readonly ledger: string;
}

/**
 * Each attempt writes down its number, its round and its process when it begins. One that finds the attempt before it
 * alive says so in `overlaps`.
 */
const begun = ({ ledger }: Paths): string =>
  [
    `mine=${ledger}/$ACP_TASK_ID`,
    // A zombie has no command line any more.
    `if [ -e "$mine" ]; then before=$(tail -n 1 "$mine" | cut -d " " -f 3); [ -n "$(tr -d '\\0' 2>/dev/null < /proc/$before/cmdline)" ] && echo "$ACP_TASK_ID $ACP_ATTEMPT $before $(tr '\\0' ' ' < /proc/$before/cmdline)" >> ${ledger}/overlaps; fi 2>/dev/null`,
    `echo "$ACP_ATTEMPT $ACP_ROUND $$" >> "$mine"`,
  ].join("; ");

/** Fails the first time it gets so far. */
const failsOnce = ({ ledger }: Paths): string =>
  `[ -e ${ledger}/$ACP_TASK_ID.once ] || { : > ${ledger}/$ACP_TASK_ID.once; echo not yet >&2; exit 1; }`;

const nap = "sleep 0.$((ACP_ATTEMPT % 3))5";
const verdictOf = (verdict: string): string =>
  `printf '{"verdict":"%s","feedback":"be good"}' ${verdict} > "$ACP_RESULT_FILE"`;
const retry = { count: 2, backoff: "100ms" };

const kinds: Readonly<Record<string, Kind>> = {
  plain: {
    ...{ weight: 4, end: "succeeded", most: 1 },
    make: (paths) => ({
      worker: "shell",
      command: `${begun(paths)}; ${nap}; echo fine`,
      validate: [{ regex: { pattern: "fine" } }],
    }),
  },
  python: {
    ...{ weight: 3, end: "succeeded", most: 1 },
    make: ({ ledger }) => ({
      worker: "python",
      command: [
        "import json, os, time",
        `open("${ledger}/" + os.environ["ACP_TASK_ID"], "a").write("%s %s %s\\n" % (os.environ["ACP_ATTEMPT"], os.environ["ACP_ROUND"], os.getpid()))`,
        "time.sleep(0.1)",
        'json.dump({"by": "python"}, open(os.environ["ACP_RESULT_FILE"], "w"))',
      ].join("\n"),
    }),
  },
  leaving: {
    ...{ weight: 2, end: "succeeded", most: 1 },
    make: (paths) => ({
      ...{ worker: "shell", cwd: "@attempt", outputs: { note: "note.txt" }, validate: [{ file: "note.txt" }] },
      command: `${begun(paths)}; ${nap}; echo text > note.txt`,
    }),
  },
  flaky: {
    ...{ weight: 3, end: "succeeded", most: 3 },
    make: (paths) => ({ worker: "shell", retry, command: `${begun(paths)}; ${nap}; ${failsOnce(paths)}` }),
  },
  sturdy: {
    ...{ weight: 3, end: "succeeded", most: 6 },
    // Its worker may be killed itself, which counts as its failure.
    make: (paths) => ({
      worker: "shell",
      retry: { count: 5, backoff: 0 },
      command: `${begun(paths)}; sleep 0.3; echo fine`,
    }),
  },
  fails: {
    ...{ weight: 1, end: "failed", most: 3 },
    make: (paths) => ({ worker: "shell", retry, command: `${begun(paths)}; ${nap}; exit 1` }),
  },
  tolerated: {
    ...{ weight: 2, end: "failed", isTolerated: true, most: 3 },
    make: (paths) => ({ worker: "shell", retry, on_fail: "continue", command: `${begun(paths)}; exit 1` }),
  },
  judged: {
    ...{ weight: 3, end: "succeeded", most: 1 },
    make: (paths) => ({
      ...{ worker: "shell", command: `${begun(paths)}; [ "$ACP_ROUND" = 0 ] && echo bad || echo good` },
      judge: {
        ...{ worker: "shell", rounds: 2 },
        command: `${begun(paths)}; if grep -q good "$ACP_JUDGED_DIR/stdout.log"; then ${verdictOf("pass")}; else ${verdictOf("retry")}; fi`,
      },
    }),
  },
  condemned: {
    ...{ weight: 1, end: "failed", isTolerated: true, most: 1 },
    make: (paths) => ({
      ...{ worker: "shell", on_fail: "continue", command: `${begun(paths)}; echo bad` },
      judge: { worker: "shell", command: `${begun(paths)}; ${verdictOf("fail")}` },
    }),
  },
  verdict: {
    ...{ weight: 1, end: "succeeded", most: 1 },
    make: (paths) => ({
      ...{ worker: "shell", command: `${begun(paths)}; echo unsure` },
      judge: { worker: "shell", command: `${begun(paths)}; ${verdictOf("ask")}` },
    }),
  },
  continues: {
    ...{ weight: 2, end: "failed", isTolerated: true, most: 1 },
    make: (paths) => ({ worker: "shell", on_fail: "ask", command: `${begun(paths)}; exit 1` }),
  },
  again: {
    ...{ weight: 2, end: "succeeded", most: 2 },
    make: (paths) => ({ worker: "shell", on_fail: "ask", command: `${begun(paths)}; ${failsOnce(paths)}` }),
  },
  expires: {
    ...{ weight: 1, end: "failed", isTolerated: true, most: 1 },
    make: (paths) => ({
      ...{ worker: "shell", on_fail: "ask", ask: { expires: "300ms", answer: "continue" } },
      command: `${begun(paths)}; exit 1`,
    }),
  },
};

/** A task `<kind>-<n>` of each kind in turn by chance, each needing up to two before it. */
export function killablePlan(size: number, folder: string, random: () => number): KillablePlan {
  const names = Object.entries(kinds).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name));
  const foretold: Foretold[] = [];
  const tasks = Array.from({ length: size }, (_, index) => {
    const name = names[Math.floor(random() * names.length)] ?? "plain";
    return taskOf(name, index, foretold, folder, random);
  });
  return { plan: { name: `stress ${size}`, parallelism: 6, tasks }, foretold };
}

/** One more, for an ADD_TASK. */
export function taskOf(
  name: string,
  index: number,
  foretold: Foretold[],
  folder: string,
  random: () => number,
): object {
  const kind = kinds[name];
  if (!kind) throw new Error(`There is no kind ${name}`);
  const id = `${name}-${index}`;
  const isRoot = foretold.length === 0 || random() < 0.2;
  const needs = isRoot
    ? []
    : [...new Set([0, 1].map(() => foretold[Math.floor(random() * foretold.length)]?.id ?? ""))];
  foretold.push({ id, needs, end: kind.end, isTolerated: kind.isTolerated ?? false, most: kind.most });
  return { id, depends_on: needs, ...kind.make({ ledger: join(folder, "ledger") }) };
}

/** How each task ends, and whether what needs it may begin. */
export function endsOf(foretold: readonly Foretold[]): ReadonlyMap<string, string> {
  const ends = new Map<string, { readonly state: string; readonly lets: boolean }>();
  for (const { id, needs, end, isTolerated } of foretold) {
    const isSkipped = needs.some((need) => ends.get(need)?.lets !== true);
    const lets = !isSkipped && (end === "succeeded" || isTolerated);
    ends.set(id, { state: isSkipped ? "skipped" : end, lets });
  }
  return new Map([...ends].map(([id, { state }]) => [id, state]));
}
