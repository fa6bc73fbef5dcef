import type { CallArguments, ChatMessage } from "./chat.ts";

export interface Fitted {
  readonly messages: readonly ChatMessage[];
  readonly fits: boolean;
  readonly isTrimmed: boolean;
}

/**
 * Pure. The conversation as it fits into `tokens`, the oldest and least needed first left out: results of tools, then
 * thoughts, long texts and the contents of written files, then whole old turns. The task itself stays. Once something
 * has to go, as much goes as makes room for a while: every change before the end makes the server read all of it anew.
 */
export function fitContext(messages: readonly ChatMessage[], room: ContextRoom): Fitted {
  const size = (some: readonly ChatMessage[]) => sizeOf(some) * room.tokensPerCharacter;
  if (size(messages) <= room.tokens) return { messages, fits: true, isTrimmed: false };
  const goal = room.tokens * 0.6;
  const fits = (some: readonly ChatMessage[]) => size(some) <= goal;
  let kept = messages;
  for (const trim of [withoutOldResults, withoutOldWords, withoutOldTurns, withoutRecentResults]) {
    kept = trim(kept, fits);
    if (fits(kept)) break;
  }
  return { messages: kept, fits: size(kept) <= room.tokens, isTrimmed: true };
}

export interface ContextRoom {
  readonly tokens: number;
  /** Measured from what the server counted; about a third before that. */
  readonly tokensPerCharacter: number;
}

/** Characters the server has to read. */
export function sizeOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, one) => {
    const calls = one.tool_calls ? JSON.stringify(one.tool_calls).length : 0;
    return sum + one.content.length + (one.thinking?.length ?? 0) + calls + 20;
  }, 0);
}

type Fits = (some: readonly ChatMessage[]) => boolean;

/** What is left alone by all but the last resort: the model is working with it. */
const recent = 4;

const isResult = (message: ChatMessage): boolean =>
  message.role === "tool" || (message.role === "user" && message.tool_name !== undefined);

function withoutOldResults(messages: readonly ChatMessage[], fits: Fits): readonly ChatMessage[] {
  return oneByOne(messages, fits, messages.length - recent, (message) =>
    isResult(message) && message.content.length > 200 ? { ...message, content: placeOf(message) } : message,
  );
}

const placeOf = ({ content }: ChatMessage): string =>
  `[left out to save room: ${content.length} characters, which began with ${JSON.stringify(content.slice(0, 80))}. Call the tool again if you need it.]`;

function withoutOldWords(messages: readonly ChatMessage[], fits: Fits): readonly ChatMessage[] {
  return oneByOne(messages, fits, messages.length - recent, (message) => {
    if (message.role !== "assistant") return message;
    const { thinking: _, tool_calls, ...rest } = message;
    const calls = tool_calls?.map(({ function: asked }) => ({
      function: { name: asked.name, arguments: shortened(asked.arguments) },
    }));
    return { ...rest, content: cut(message.content, 500), ...(calls ? { tool_calls: calls } : {}) };
  });
}

const shortened = (given: CallArguments): CallArguments =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, typeof value === "string" ? cut(value, 200) : value]),
  );

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)} [${text.length - most} characters left out to save room]` : text;

const note: ChatMessage = {
  role: "user",
  content: "[Earlier steps were left out to save room. Look at the files and at git diff to see what is done.]",
};

/** From one of the model's own turns to the next: a call is never parted from its result. */
function withoutOldTurns(messages: readonly ChatMessage[], fits: Fits): readonly ChatMessage[] {
  const head = headOf(messages);
  const start = head.length;
  const turns = messages.flatMap(({ role }, at) => (at >= start && role === "assistant" ? [at] : []));
  let kept = messages;
  for (const at of turns.slice(1)) {
    kept = [...head, note, ...messages.slice(at)];
    if (fits(kept)) break;
  }
  return kept;
}

/** The system prompt and the task. */
function headOf(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const firstTurn = messages.findIndex(({ role }) => role === "assistant");
  return messages.slice(0, firstTurn === -1 ? messages.length : firstTurn);
}

function withoutRecentResults(messages: readonly ChatMessage[], fits: Fits): readonly ChatMessage[] {
  return oneByOne(messages, fits, messages.length, (message) =>
    isResult(message) ? { ...message, content: cut(message.content, 600) } : message,
  );
}

function oneByOne(
  messages: readonly ChatMessage[],
  fits: Fits,
  until: number,
  change: (message: ChatMessage) => ChatMessage,
): readonly ChatMessage[] {
  const kept = [...messages];
  for (let at = headOf(messages).length; at < until; at += 1) {
    const message = kept[at];
    if (!message) continue;
    kept[at] = change(message);
    if (kept[at] !== message && fits(kept)) break;
  }
  return kept;
}
