import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { expect } from "vitest";
import { parseMailboxLine } from "../../src/flow/mailbox/parse-command-line.ts";
import { type MailboxLine, splitLines, startOfFile } from "../../src/flow/mailbox/split-lines.ts";
import { parsePlan } from "../../src/flow/plan/parse-plan.ts";

/** A plan, or at least one problem, each with its line and its reason; never a throw. Answers how many were plans. */
export async function fuzzPlans(from: number, count: number): Promise<number> {
  let plans = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const { text, file } = fuzzedPlan(seed);
    const answer = await parsePlan(text, { file, cwd: "/w", workers: ["claude"], now: 1_800_000_000_000 });
    const told = `seed ${seed}: ${JSON.stringify(text.slice(0, 3000))}`;
    if ("plan" in answer) {
      plans += 1;
      // What was understood can be kept and read again, and every task ended up in it.
      expect(JSON.parse(JSON.stringify(answer.plan)), told).toEqual(answer.plan);
      expect(answer.plan.tasks.length, told).toBeGreaterThan(0);
      continue;
    }
    expect(answer.problems.length, told).toBeGreaterThan(0);
    const lines = text.split("\n").length;
    for (const { line, column, message, fix } of answer.problems) {
      expect(
        line >= 1 && line <= lines && column >= 1 && message !== "" && fix !== "",
        `${told} ${line}:${column} ${message}`,
      ).toBe(true);
    }
  }
  return plans;
}

/** Each line that is not empty becomes a command or a problem with its own number. Answers how many were commands. */
export function fuzzMailbox(from: number, count: number): number {
  let commands = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const dice = diceOf(seed);
    const bytes = Buffer.concat([
      fuzzedLine(dice),
      Buffer.from("\n"),
      fuzzedLine(dice),
      Buffer.from(dice.pick(["\n", "\r\n"])),
    ]);
    const found: MailboxLine[] = [];
    let carry = startOfFile;
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + dice.upTo(bytes.length);
      const read = splitLines(bytes.subarray(at, at + size), carry);
      found.push(...read.lines);
      carry = read.carry;
      at += size;
    }
    const told = `seed ${seed}: ${JSON.stringify(bytes.toString("latin1").slice(0, 3000))}`;
    expect([carry.offset, carry.bytes.length], told).toEqual([bytes.length, 0]);
    expect(
      found.map(({ line }) => line),
      told,
    ).toEqual(numbersOfLines(bytes));
    for (const line of found) {
      const answer = parseMailboxLine(line);
      if ("command" in answer) commands += 1;
      const said = "command" in answer ? answer.command : answer.problem;
      expect(said.line, told).toBe(line.line);
      if ("problem" in answer) expect(answer.problem.reason !== "" && answer.problem.fix !== "", told).toBe(true);
    }
  }
  return commands;
}

/** Of lines that hold more than white space, counted in another way than the reader does. */
export function numbersOfLines(bytes: Buffer): readonly number[] {
  const rows = bytes.toString("latin1").split("\n").slice(0, -1);
  return rows.flatMap((row, index) => {
    const body = index === 0 ? row.replace(/^\u00ef\u00bb\u00bf/, "") : row;
    return /[^ \t\r]/.test(body) ? [index + 1] : [];
  });
}

/** Two lines or a few, with every kind of end, cut where it may be while somebody reads. */
export function fuzzedPiece(seed: number): readonly Buffer[] {
  const dice = diceOf(seed);
  const line = () => (dice.oneIn(3) ? Buffer.from(dice.pick(commands)) : fuzzedLine(dice));
  const ends = ["\n", "\n", "\r\n", "\n\n", "\n \t\n"];
  // What would end the flow comes late enough for others to be read before it.
  const isWelcome = (bytes: Buffer) => !bytes.includes("STOP") || dice.oneIn(15);
  const lines = Array.from({ length: 1 + dice.upTo(3) }, line).filter(isWelcome);
  const whole = Buffer.concat(lines.flatMap((each) => [each, Buffer.from(dice.pick(ends))]));
  const at = dice.upTo(whole.length);
  return [whole.subarray(0, at), whole.subarray(at)];
}

type Dice = ReturnType<typeof diceOf>;

function diceOf(seed: number) {
  const random = seeded(seed);
  const upTo = (count: number) => Math.floor(random() * Math.max(1, count));
  const pick = <T>(from: readonly T[]): T => from[upTo(from.length)] as T;
  return { upTo, pick, oneIn: (count: number) => upTo(count) === 0 };
}

const valid = `name: release
goal: |
  Ship it.
parallelism: 4
deadline: 2h
budget: {usd: 5, tokens: 100000, attempts: 50}
concurrency: {gpu: 2}
on_done: {command: [echo, done]}
defaults:
  worker: shell
  timeout: 10m
  retry: {count: 1, backoff: 1s}
  env: {pass: [HOME], set: {A: "1"}}
judge: {worker: claude, prompt: Good?, rounds: 1}
tasks:
  - id: build
    command: make
    outputs: {app: out/app}
    judge: false
  - id: test
    command: [make, test]
    depends_on: [build]
    validate:
      - file: out/report.json
      - regex: {pattern: ok, flags: i}
      - json_schema: {file: r.json, schema: {type: object}}
  - id: ask
    worker: claude
    prompt: Think.
    depends_on: [build, test]
    on_fail: ask
    ask: {expires: 1h, answer: skip}
    inputs: {depth: 3}
    group: gpu
    priority: 2
  - {id: review, worker: claude, prompt: Judge it., judges: build, rounds: 2}
`;

const odd = [
  "__proto__",
  "constructor",
  "toString",
  "null",
  "~",
  "true",
  "1e999",
  "-0",
  "0x7fffffffffffffffffff",
  "99999999999999999999999999",
  ".nan",
  "-.inf",
  "*a",
  "&a x",
  "!!binary aGk=",
  "!!js/function 'x'",
  "!x y",
  "<<: *a",
  "? [a, b]",
  "[]",
  "{}",
  "[[[[[[[[]]]]]]]]",
  "{a: {b: {c: {d: e}}}}",
  '"\\u0000"',
  '"\\ud800"',
  "'",
  '"',
  "|",
  ">-",
  "--- x",
  "...",
  "%YAML 1.1",
  "# c",
  "\t",
  "\r",
  "\0",
  "\u2028",
  "😀",
  "../..",
  "A".repeat(3000),
  "2026-01-01",
  "1:30",
  "a: b: c",
  "@",
  "`",
];

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghi"
  .split("")
  .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(", ")}]`)
  .join("\n")}\n`;

export function fuzzedPlan(seed: number): { readonly text: string; readonly file: string } {
  const dice = diceOf(seed);
  const { pick, upTo, oneIn } = dice;
  const kind = upTo(12);
  const file = pick(["p.yaml", "p.yml", "-", "p"]);
  if (kind === 0) return { text: bomb, file };
  if (kind === 1)
    return {
      text: `${pick(["tasks: ", "inputs: ", ""])}${pick(["[", "{a: ", "- ", '{"a":'])}`.repeat(1 + upTo(150)),
      file,
    };
  if (kind === 2)
    return {
      text: Array.from(
        { length: upTo(30) },
        () => `${" ".repeat(upTo(6))}${pick(["- ", "", "a: ", "tasks:", "id: x", "? "])}${pick(odd)}`,
      ).join("\n"),
      file,
    };
  if (kind === 3)
    return {
      text: Array.from({ length: upTo(300) }, () => String.fromCharCode(upTo(oneIn(9) ? 65_536 : 128))).join(""),
      file,
    };
  if (kind === 4) return { text: JSON.stringify(fuzzedValue(dice, 0)), file: pick(["p.json", "-", "p.yaml"]) };
  if (kind === 5)
    return {
      text: changed(
        JSON.stringify({ tasks: [{ id: "a", worker: "shell", command: "x", depends_on: [] }] }, null, upTo(3)),
        dice,
      ),
      file: "p.json",
    };
  return { text: changed(valid, dice), file };
}

function changed(text: string, { pick, upTo, oneIn }: Dice): string {
  let rows = text.split("\n");
  for (let times = upTo(5); times > 0; times -= 1) {
    const at = upTo(rows.length);
    const row = rows[at] ?? "";
    switch (upTo(7)) {
      case 0:
        rows.splice(at, 1);
        break;
      case 1:
        rows.splice(at, 0, rows[upTo(rows.length)] ?? "");
        break;
      case 2:
        rows[at] = row.replace(/: .*/, `: ${pick(odd)}`);
        break;
      case 3:
        rows[at] = row.replace(/[a-z_]+:/, `${pick(odd)}:`);
        break;
      case 4:
        rows[at] = `${" ".repeat(upTo(5))}${row.trimStart()}`;
        break;
      case 5:
        rows = rows.slice(0, oneIn(4) ? at : rows.length);
        break;
      default: {
        const place = upTo(row.length + 1);
        rows[at] = `${row.slice(0, place)}${pick(odd)}${row.slice(place + upTo(3))}`;
      }
    }
  }
  return rows.join("\n");
}

const keys = [
  "tasks",
  "id",
  "worker",
  "command",
  "depends_on",
  "judge",
  "judges",
  "env",
  "set",
  "retry",
  "validate",
  "__proto__",
  "constructor",
  "inputs",
  "name",
];

function fuzzedValue(dice: Dice, depth: number): unknown {
  const { pick, upTo, oneIn } = dice;
  const kind = depth > 8 ? upTo(4) : upTo(8);
  if (kind === 0) return pick([null, true, false, 0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER]);
  if (kind < 4) return oneIn(2) ? pick(odd) : pick(["shell", "a", "claude", "make", "10m"]);
  const size = upTo(4);
  if (kind < 6) return Array.from({ length: size }, () => fuzzedValue(dice, depth + 1));
  const entries = Array.from({ length: size }, () => [pick(keys), fuzzedValue(dice, depth + 1)] as const);
  return Object.fromEntries(depth === 0 ? [...entries, ["tasks", [fuzzedValue(dice, 1)]]] : entries);
}

const commands = [
  '{"type":"ADD_TASK","task":{"id":"d","worker":"shell","command":"x","depends_on":["a"]},"id":"x"}',
  '{"type":"ADD_TASK","task":{"id":"e","worker":"claude","prompt":"x","judge":{"worker":"claude"}}}',
  '{"type":"UPDATE_TASK","task":"b","change":{"depends_on":[],"priority":3}}',
  '{"type":"CANCEL_TASK","task":"nobody","id":"y"}',
  '{"type":"RESUME","id":"x"}',
  '{"type":"RESUME"}',
  '{"type":"ADD_TASK","task":{"id":"a","worker":"shell","command":"x"}}',
  '{"type":"UPDATE_TASK","task":"a","change":{"timeout":"1m"},"id":"x"}',
  '{"type":"CANCEL_TASK","task":"a"}',
  '{"type":"DECIDE","ref":"d1","answer":"skip"}',
  '{"type":"PAUSE"}',
  '{"type":"STOP","mode":"now"}',
];

function fuzzedLine(dice: Dice): Buffer {
  const { pick, upTo, oneIn } = dice;
  const kind = upTo(8);
  if (kind === 0) return Buffer.from(Array.from({ length: upTo(200) }, () => upTo(256)).filter((byte) => byte !== 10));
  if (kind === 1)
    return Buffer.from(pick(["", " ", "\t\r", "\ufeff", "\u00a0", "\0", "[".repeat(upTo(3000)), "null", "7", '"x"']));
  if (kind === 2) return Buffer.from(JSON.stringify(fuzzedValue(dice, 0)));
  let text = pick(commands);
  for (let times = upTo(4); times > 0; times -= 1) {
    const at = upTo(text.length);
    const put = oneIn(2) ? pick(odd).replaceAll("\n", "") : pick(['"', "{", "}", ",", ":", "\\", "[", "0"]);
    text = `${text.slice(0, at)}${put}${text.slice(at + upTo(3))}`;
  }
  return Buffer.from(text, "utf8");
}
