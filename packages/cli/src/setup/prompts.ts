import { redact } from "@agent-control-plane/core";
import { visibleText } from "@agent-control-plane/core/for-pages";
import type { CliContext } from "../context.ts";

/** Ctrl-C or Escape at a question. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** Questions to the person at the terminal. Each throws `Interrupted` when the person leaves. */
export interface Prompts {
  text(message: string, options: { initial?: string; problem?: (value: string) => string | null }): Promise<string>;
  choose<T extends string>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<T>;
  chooseSome<T extends string>(message: string, choices: readonly Choice<T>[], initial: readonly T[]): Promise<T[]>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  /** What is typed is shown as dots. */
  secret(message: string): Promise<string>;
  begin(title: string): void;
  step(title: string): void;
  say(text: string): void;
  end(text: string): void;
  leave(text: string): void;
}

/** Loaded only when somebody is asked: the library draws, and a start without questions does not pay for it. */
export async function openPrompts({ stdin, stdout }: Pick<CliContext, "stdin" | "stdout">): Promise<Prompts> {
  const clack = await import("@clack/prompts");
  const common = { input: stdin, output: stdout };
  const answered = <T>(value: T): Exclude<T, symbol> => {
    if (clack.isCancel(value)) throw new Interrupted("interrupted");
    return value as Exclude<T, symbol>;
  };
  const options = <T extends string>(choices: readonly Choice<T>[]) =>
    choices.map(({ value, label, hint }) => ({
      value: value as string,
      label: shown(label),
      ...(hint === undefined ? {} : { hint: shown(hint) }),
    }));
  return {
    async text(message, { initial, problem }) {
      const validate = (value: string | undefined) => problem?.((value ?? "").trim()) ?? undefined;
      const start = initial === undefined ? {} : { initialValue: initial };
      return answered(await clack.text({ ...common, message: shown(message), ...start, validate })).trim();
    },
    async choose(message, choices, initial) {
      const start = initial === undefined ? {} : { initialValue: initial as string };
      const asked = { ...common, message: shown(message), options: options(choices), ...start };
      return answered(await clack.select<string>(asked)) as (typeof choices)[number]["value"];
    },
    async chooseSome(message, choices, initial) {
      const start = { initialValues: [...initial] as string[], required: false };
      const asked = { ...common, message: shown(message), options: options(choices), ...start };
      return answered(await clack.multiselect<string>(asked)) as (typeof choices)[number]["value"][];
    },
    confirm: async (message, initial) =>
      answered(await clack.confirm({ ...common, message: shown(message), initialValue: initial })),
    async secret(message) {
      const validate = (value: string | undefined) => ((value ?? "").trim() === "" ? "Nothing was typed." : undefined);
      return answered(await clack.password({ ...common, message: shown(message), validate })).trim();
    },
    begin: (title) => clack.intro(shown(title), common),
    step: (title) => clack.log.step(shown(title), common),
    say: (text) => clack.log.message(shown(text), common),
    end: (text) => clack.outro(shown(text), common),
    leave: (text) => clack.cancel(shown(text), common),
  };
}

const shown = (text: string): string => visibleText(redact(text), { coloured: false });
