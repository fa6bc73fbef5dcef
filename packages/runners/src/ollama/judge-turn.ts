import { callsInText, withoutThoughts } from "./calls-in-text.ts";
import type { AskedCall, Turn } from "./chat.ts";
import { isToolName } from "./tools.ts";

/** What an answer of the model asks of the loop. */
export type Judgement =
  | { readonly kind: "calls"; readonly calls: readonly AskedCall[]; readonly by: "native" | "text" }
  /** Not usable; `say` is what the model is told. Three in a row end the session. */
  | { readonly kind: "again"; readonly say: string; readonly why: string }
  | { readonly kind: "final"; readonly text: string };

/** Pure. `wasCut`: we ended the stream ourselves because it did not end. */
export function judgeTurn(
  turn: Turn,
  state: { readonly hasUsedTools: boolean; readonly wasTold: boolean; readonly wasCut: boolean },
): Judgement {
  if (turn.calls.length > 0) return { kind: "calls", calls: turn.calls, by: "native" };
  const inText = callsInText(turn.content, isToolName);
  if (inText.kind === "calls") return { kind: "calls", calls: inText.calls, by: "text" };
  if (state.wasCut || turn.doneReason === "length") return again("its answer did not end", answerTooLong);
  if (inText.kind === "broken") {
    const say = `Your tool call is not valid JSON (${inText.problem}). Write the call again, as one JSON object.`;
    return again("it wrote a tool call that cannot be read", say);
  }
  const text = withoutThoughts(turn.content);
  if (text === "") return again("it answered nothing", answerEmpty);
  // Small models announce what they will do and stop. Once: who is asked again and still only talks is done.
  if (!state.hasUsedTools && !state.wasTold) return { kind: "again", say: useTheTools, why: "it used no tool" };
  return { kind: "final", text };
}

const again = (why: string, say: string): Judgement => ({ kind: "again", why, say });

const answerTooLong =
  "Your answer was cut off because it was too long. Do one small step at a time with a tool call, and write large files in parts.";
const answerEmpty = "Your answer was empty. Go on with a tool call, or say in one line that you are done.";
const useTheTools =
  "You have used no tool yet, so nothing has been done. Do the task now with the tools. If there is truly nothing to do, say why in one line.";
