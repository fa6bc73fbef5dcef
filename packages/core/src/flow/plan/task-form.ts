import { failureAnswers, failurePolicies } from "../../domain/flow-plan.ts";
import { isForbiddenVariable } from "../../domain/forbidden-variable.ts";
import type { Json } from "../../domain/json.ts";
import type { Path } from "../source/marks.ts";
import { bounds, namePattern, reservedVariable, taskIdPattern, taskIdText, variablePattern } from "./bounds.ts";
import { duration } from "./duration.ts";
import {
  either,
  type Given,
  isSection,
  json,
  list,
  named,
  number,
  oneOf,
  type Reader,
  section,
  show,
  text,
  word,
  wrong,
} from "./form.ts";
import type { Remarks } from "./problem.ts";

const day = 86_400_000;
const name = text({ max: bounds.name, isOneLine: true });
const aName = "a name of letters, digits, . _ and -, 64 at most";
const worker = word(/^[a-z][a-z0-9-]{0,39}$/, "the name of a worker, such as shell or claude");

const program = list(text({ max: bounds.text, may: "be empty" }), { min: 1, max: 10_000 });
/** One string for a shell, or a program with its arguments. */
export const command = either(Array.isArray, program, text({ max: bounds.text }));

/** A path as it was written. `~` is not known to us, and a folder of that name is hardly meant. */
export const path: Reader<string> = (found, at, remarks) => {
  const made = text({ max: bounds.path, isOneLine: true })(found, at, remarks);
  if (made === undefined || !/^~(?:\/|$)/.test(made)) return made;
  return remarks.add(at, `Expected a path, found ${show(found)}.`, "write the home folder in full instead of ~.");
};

const outputPath: Reader<string> = (found, at, remarks) => {
  const made = path(found, at, remarks);
  if (made === undefined || (!made.startsWith("/") && !made.split("/").includes(".."))) return made;
  return remarks.add(
    at,
    `Expected a path inside the folder of the task, found ${show(found)}.`,
    "make it relative, without ...",
  );
};

const retrySection = section({
  count: number({ min: 0, max: 100 }),
  backoff: duration({ min: 0, max: day }),
  factor: number({ min: 1, max: 100, isWhole: false }),
  max: duration({ min: 0, max: 7 * day }),
});
const retryCount: Reader<Given<RetryFields>> = (found, at, remarks) => {
  const count = number({ min: 0, max: 100 })(found, at, remarks);
  return count === undefined ? undefined : { count };
};
type RetryFields = {
  readonly count: Reader<number>;
  readonly backoff: Reader<number>;
  readonly factor: Reader<number>;
  readonly max: Reader<number>;
};
/** `retry: 2` is short for `retry: { count: 2 }`. */
const retry = either((found) => typeof found === "number", retryCount, retrySection);

const variable: Reader<string> = (found, at, remarks) => {
  const made = word(variablePattern, "an environment variable's name, such as NODE_ENV")(found, at, remarks);
  return made === undefined || isFree(made, at, remarks) ? made : undefined;
};

function isFree(made: string, at: Path, remarks: Remarks): boolean {
  if (reservedVariable.test(made)) {
    remarks.add(at, `The variable ${made} is one of those that we set (ACP_...).`, "give it another name.");
  } else if (isForbiddenVariable(made)) {
    const what = "is told to no worker: it names a forge's token, or makes git run something";
    remarks.add(at, `The variable ${made} ${what}.`, "remove it, or give it another name.");
  } else return true;
  return false;
}

const variables = named(
  variablePattern,
  "an environment variable's name",
  text({ max: bounds.variable, may: "be empty" }),
);
const variablesToSet: typeof variables = (found, at, remarks) => {
  const made = variables(found, at, remarks);
  for (const each of Object.keys(made ?? {})) isFree(each, [...at, each], remarks);
  return made;
};

export const env = section({ pass: list(variable, { max: 500 }), set: variablesToSet });

export const judgeFields = {
  worker,
  command,
  prompt: text({ max: bounds.text }),
  model: name,
  rounds: number({ min: 0, max: 20 }),
};
const judgeSection = section(judgeFields);
export type GivenJudge = Given<typeof judgeFields>;

const noJudge: Reader<false> = () => false;
/** `false`: not even the one that the flow gives to every task. */
const judge = either((found) => found === false, noJudge, judgeSection);

const flags: Reader<string> = word(/^[dimsu]{0,5}$/, "flags of a regular expression out of d, i, m, s and u");

const checkFields = {
  command,
  timeout: duration({ min: 1, max: day }),
  file: path,
  json_schema: section({ file: path, schema: json(bounds.schema) }),
  regex: section({ pattern: text({ max: 10_000 }), flags, in: path }),
  judge: judgeSection,
};
export type GivenCheck = Given<typeof checkFields>;
const checkSection = section(checkFields);
const shortJudge: Reader<GivenCheck> = () => ({ judge: {} });
/** `- judge` is short for `- judge: {}`. */
const check = either((found) => found === "judge", shortJudge, checkSection);

/** What a task may say that has a default for all tasks of its plan. */
export const defaultFields = {
  worker,
  model: name,
  timeout: duration({ min: 1, max: 30 * day }),
  retry,
  on_fail: oneOf(failurePolicies),
  env,
  cwd: path,
  group: word(namePattern, aName),
  priority: number({ min: -1000, max: 1000 }),
};

const inputs: Reader<Readonly<Record<string, Json>>> = (found, at, remarks) => {
  if (!isSection(found)) return wrong(found, at, remarks, "a section of name: value lines");
  return json(bounds.inputs)(found, at, remarks) as Readonly<Record<string, Json>> | undefined;
};

const taskId = word(taskIdPattern, taskIdText);
/** Looked up later; then it is unknown, whatever it is made of. */
const reference = text({ max: bounds.name, isOneLine: true });

export const taskFields = {
  id: taskId,
  name,
  ...defaultFields,
  command,
  prompt: text({ max: bounds.text }),
  depends_on: list(reference, { max: bounds.tasks }),
  judge,
  judges: reference,
  rounds: number({ min: 0, max: 20 }),
  validate: list(check, { max: 100 }),
  worktree: section({ repository: path, base: name }),
  inputs,
  outputs: named(namePattern, aName, outputPath),
  ask: section({ expires: duration({ min: 1, max: 365 * day }), answer: oneOf(failureAnswers) }),
};
export type GivenTask = Given<typeof taskFields>;
export type GivenDefaults = Given<typeof defaultFields>;
