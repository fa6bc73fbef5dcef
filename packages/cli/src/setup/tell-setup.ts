import type { CliContext } from "../context.ts";
import type { Prompts } from "./prompts.ts";
import { nextSteps, type SetupReport, setupDocument, statusOf } from "./report-setup.ts";

/** Where what happens is told: on the drawn terminal, or as progress on stderr. */
export interface Teller {
  step(title: string): void;
  say(text: string): void;
  finish(report: SetupReport, isJson: boolean): void;
}

export function tellerOf({ output }: CliContext, prompts: Prompts | null): Teller {
  const { bold } = output.noteStyle;
  return {
    step: (title) => (prompts ? prompts.step(title) : output.note(bold(title))),
    say: (text) => (prompts ? prompts.say(text) : output.note(`  ${text.replaceAll("\n", "\n  ")}`)),
    finish(report, isJson) {
      if (isJson) return output.json(setupDocument(report));
      const text = [endings[statusOf(report)], "Next:", ...nextSteps(report).map((step) => `  ${step}`)].join("\n");
      if (prompts) prompts.end(text);
      else output.print(text);
    },
  };
}

const endings = {
  ok: "It is set up.",
  "dry-run": "Nothing was written: this was a dry run.",
  "not-ready": "Nothing was written: something has to be mended first.",
  failed: "Not all of it is set up; what was made stands.",
} as const;
