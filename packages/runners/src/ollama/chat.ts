/** Shapes of Ollama's `/api/chat`, as far as the loop uses them. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly thinking?: string;
  readonly tool_calls?: readonly NativeCall[];
  /** Of a tool's result: whose it is. */
  readonly tool_name?: string;
}

export interface NativeCall {
  readonly function: { readonly name: string; readonly arguments: CallArguments };
}

export type CallArguments = { readonly [name: string]: unknown };

/** One call the model asked for, however it wrote it. */
export interface AskedCall {
  readonly name: string;
  readonly arguments: CallArguments;
}

/** What one request brought: the model's whole answer, or as much of it as came. */
export interface Turn {
  readonly content: string;
  readonly thinking: string;
  readonly calls: readonly AskedCall[];
  /** The last line of the stream was there. */
  readonly isDone: boolean;
  /** `length`: its output limit or the context was used up. */
  readonly doneReason: string | null;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Lines that were no JSON object. */
  readonly malformedLines: number;
  /** The server's own word in mid-stream. */
  readonly error: string | null;
}
