import { parseArgs } from "node:util";

/** Everything the program is told on its command line. */
export interface ProgramOptions {
  readonly check: boolean;
  readonly model: string;
  readonly baseUrl: string;
  /** Name of the variable that holds the key; the key itself is never an argument. */
  readonly apiKeyEnv: string | null;
  readonly stateDir: string;
  readonly resume: string | null;
  /** Null: what the model's own file says, else its length up to 32,768. */
  readonly numCtx: number | null;
  readonly maxTurns: number;
  readonly temperature: number | null;
  readonly think: boolean | "low" | "medium" | "high" | null;
  readonly keepAlive: string | null;
  readonly commandTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly maxRetries: number;
  readonly system: string | null;
}

export const usage = `Usage: ollama-agent --model NAME --state DIR [options] < PROMPT
       ollama-agent --check --model NAME [--base-url URL]

Works on the prompt in the current folder with a model of an Ollama server; prints one JSON event a line.

  --base-url URL           the server (http://127.0.0.1:11434)
  --api-key-env NAME       the variable that holds its key
  --resume ID              goes on with a conversation of the state folder
  --num-ctx N --max-turns N --temperature X --think true|false|low|medium|high --keep-alive 10m
  --command-timeout S --response-timeout S --max-retries N --system TEXT
  --check                  prints the server's version when it answers and has the model; asks no model
`;

/** Pure. The options, or a text that says what is wrong with them. */
export function readOptions(args: readonly string[]): ProgramOptions | string {
  try {
    const { values } = parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false });
    const number = (name: keyof typeof values & string, otherwise: number): number => {
      const found = values[name] === undefined ? otherwise : Number(values[name]);
      if (!Number.isFinite(found) || found < 0) throw new Error(`--${name} takes a number, not "${values[name]}"`);
      return found;
    };
    const given = (name: keyof typeof values & string) => (values[name] === undefined ? null : number(name, 0));
    if (!values.model) throw new Error("--model is missing");
    if (!values.check && !values.state) throw new Error("--state is missing");
    const base = new URL(values["base-url"] ?? "http://127.0.0.1:11434");
    return {
      check: values.check ?? false,
      model: values.model,
      baseUrl: base.href.replace(/\/+$/, ""),
      apiKeyEnv: values["api-key-env"] ?? null,
      stateDir: values.state ?? "",
      resume: values.resume ?? null,
      numCtx: given("num-ctx"),
      maxTurns: number("max-turns", 60),
      temperature: given("temperature"),
      think: thinkOf(values.think),
      keepAlive: values["keep-alive"] ?? null,
      commandTimeoutMs: number("command-timeout", 240) * 1000,
      responseTimeoutMs: number("response-timeout", 240) * 1000,
      maxRetries: number("max-retries", 2),
      system: values.system ?? null,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

const text = { type: "string" } as const;
const known = {
  check: { type: "boolean" },
  ...{ model: text, "base-url": text, "api-key-env": text, state: text, resume: text, "num-ctx": text },
  ...{ "max-turns": text, temperature: text, think: text, "keep-alive": text, "command-timeout": text },
  ...{ "response-timeout": text, "max-retries": text, system: text },
} as const;

function thinkOf(value: string | undefined): ProgramOptions["think"] {
  if (value === undefined) return null;
  if (value === "true" || value === "false") return value === "true";
  if (value === "low" || value === "medium" || value === "high") return value;
  throw new Error(`--think takes true, false, low, medium or high, not "${value}"`);
}
