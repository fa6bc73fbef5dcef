import { bounds, namePattern } from "./bounds.ts";
import { duration } from "./duration.ts";
import { either, type Given, list, named, number, type Reader, section, show, text, word } from "./form.ts";
import { command, defaultFields, judgeFields, path, taskFields } from "./task-form.ts";

const day = 86_400_000;

/** An instant with its zone, which the caller's clock is taken from, or a duration from the submission. */
const deadline = either(
  (found) => typeof found === "string" && /^\d{4}-\d\d-\d\d/.test(found),
  word(
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/,
    "a time with its zone, such as 2027-03-01T18:00:00Z",
  ),
  duration({ min: 1, max: 365 * day }),
);

const webhook: Reader<string> = (found, at, remarks) => {
  const url = typeof found === "string" && URL.canParse(found) ? new URL(found) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && (found as string).length <= 2000) return found as string;
  const what = "an address that begins with http:// or https://";
  // An address may hold a password.
  return remarks.add(
    at,
    `Expected ${what}, found ${typeof found === "string" ? "another text" : show(found)}.`,
    `write ${what}.`,
  );
};

/** Every key of a plan; docs/flows.md names each. */
const planFields = {
  name: text({ max: bounds.name, isOneLine: true }),
  goal: text({ max: bounds.goal, may: "be empty" }),
  parallelism: number({ min: 1, max: 1000 }),
  deadline,
  budget: section({
    usd: number({ min: 0.01, max: 1_000_000, isWhole: false }),
    tokens: number({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    attempts: number({ min: 1, max: 10_000_000 }),
  }),
  profile: word(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "the id of a profile"),
  cwd: path,
  concurrency: named(namePattern, "the name of a group", number({ min: 1, max: 1000 })),
  on_done: section({ command, webhook }),
  defaults: section(defaultFields),
  judge: section(judgeFields),
  tasks: list(section(taskFields), { min: 1, max: bounds.tasks }),
};

export type GivenPlan = Given<typeof planFields>;
export const planSection = section(planFields);
export const taskSection = section(taskFields);
