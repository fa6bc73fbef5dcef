import { countText, moneyText } from "../said-time.ts";

/** What one line of a session's events says to people. Every text is hostile. */
export interface EventRow {
  readonly at: number | null;
  readonly tone: "run" | "good" | "wait" | "person" | "bad" | "off";
  /** What it is: `says`, the name of a tool, `failed`. */
  readonly what: string;
  readonly text: string;
  /** Of little use to who follows the work: counters, and ends of calls that went well. */
  readonly isQuiet: boolean;
}

/** Pure. A line that is no event is shown as it is. */
export function eventRow(line: string): EventRow {
  const event = parsed(line);
  if (event === null) return { at: null, tone: "off", what: "", text: line, isQuiet: false };
  const { kind, at } = event;
  const say = Object.hasOwn(words, String(kind)) ? words[String(kind)] : undefined;
  const row = say?.(event) ?? { what: textOf(kind), text: line };
  return { at: typeof at === "number" ? at : null, tone: "off", isQuiet: false, ...row };
}

type Event = Readonly<Record<string, unknown>>;

const words: Readonly<Record<string, (event: Event) => Partial<EventRow> & Pick<EventRow, "what" | "text">>> = {
  started: ({ model }) => ({ tone: "run", what: "begins", text: textOf(model) }),
  message: ({ text }) => ({ what: "says", text: textOf(text) }),
  "tool-start": ({ tool, detail }) => ({ tone: "run", what: textOf(tool), text: textOf(detail) }),
  "tool-end": ({ tool, ok }) =>
    ok === false
      ? { tone: "bad", what: textOf(tool), text: "failed" }
      : { tone: "good", what: textOf(tool), text: "done", isQuiet: true },
  usage: ({ usage }) => ({ what: "has used", text: usageText(usage), isQuiet: true }),
  "rate-limit": ({ status }) => ({ tone: "wait", what: "is limited", text: textOf(status) }),
  "provider-wait": ({ reason, detail }) => ({
    ...{ tone: "wait", what: "waits for its provider", text: [reason, detail].map(textOf).filter(Boolean).join(": ") },
  }),
  approval: ({ detail, answer }) => ({
    ...{ tone: answer === null ? "person" : "off", what: `asks (${textOf(answer ?? "no answer yet")})` },
    text: textOf(detail),
  }),
  error: ({ message, transient }) => ({
    ...{ tone: transient === true ? "wait" : "bad", what: transient === true ? "stumbles" : "fails" },
    text: textOf(message),
  }),
  result: ({ ok, text }) => ({
    tone: ok === true ? "good" : "bad",
    what: ok === true ? "ends well" : "ends badly",
    text: textOf(text),
  }),
};

function usageText(usage: unknown): string {
  const { inputTokens, cachedInputTokens, outputTokens, costUsd } = (usage ?? {}) as Event;
  const tokens = [inputTokens, cachedInputTokens, outputTokens].reduce<number>((sum, n) => sum + (Number(n) || 0), 0);
  return `${countText(tokens)} tokens${typeof costUsd === "number" ? `, ${moneyText(costUsd)}` : ""}`;
}

function parsed(line: string): Event | null {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Event) : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
