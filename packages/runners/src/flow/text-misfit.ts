import { createContext, runInContext } from "node:vm";
import { type Json, readableLine } from "@agent-control-plane/core";

/**
 * One look of a pattern or a schema at a text. Either may take for ever on a text that was made for it, and the texts are
 * written by workers: the engine's own watchdog ends such a look, also inside of an expression (that of V8 asks for it at
 * each step back). A thread of its own would hold nothing up meanwhile, and needs 30 ms and 10 MB for each check.
 */
const mostMs = 1_000;

export function patternMisfit(
  { pattern, flags }: { readonly pattern: string; readonly flags: string },
  text: string,
): string | null {
  const looked = inTime(() => new RegExp(pattern, flags).test(text));
  if ("fault" in looked) return `${looked.fault}, looked for`;
  return looked.answer ? null : "is not found";
}

export async function schemaMisfit(schema: Json, text: string): Promise<string | null> {
  // Loaded by those who have such a check.
  const { Ajv } = await import("ajv");
  const looked = inTime(() => {
    const found = parsed(text);
    if (found === undefined) return "it is not JSON";
    // References are not written out, and the first misfit is enough: a small schema must not become a large program.
    const ajv = new Ajv({ strict: false, validateFormats: false, inlineRefs: false, logger: false });
    const validate = ajv.compile(schema as object);
    return validate(found.value) ? null : ajv.errorsText(validate.errors, { dataVar: "it" });
  });
  const misfit = "fault" in looked ? looked.fault : looked.answer;
  return misfit === null ? null : readableLine(misfit, 500);
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function inTime<T>(look: () => T): { readonly answer: T } | { readonly fault: string } {
  try {
    const answer = runInContext("look()", createContext({ look }), { timeout: mostMs }) as T;
    return { answer };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { fault: code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? `took longer than ${mostMs / 1000} s` : message };
  }
}
