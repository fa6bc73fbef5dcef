/** What a client of each API sends, and what it understands of the answer. Written without the server's own code. */
export interface ApiUnderTest {
  readonly name: string;
  readonly path: string;
  readonly key: Readonly<Record<string, string>>;
  /** The tool it offers, and the arguments that its schema asks for. */
  readonly shell: string;
  filled(command: string): object;
  request(asked: { readonly tools: boolean; readonly toolResult: string | null }): object;
  understand(answer: string): Understood;
  readonly words: Readonly<Record<"401" | "429" | "429-reset" | "529" | "wrong-model" | "overflow", string>>;
}

export interface Understood {
  readonly text: string;
  readonly calls: readonly { readonly tool: string; readonly args: unknown }[];
}

// biome-ignore lint/suspicious/noExplicitAny: frames of five APIs, told apart by their own client
type Frame = any;

const framesOf = (answer: string): Frame[] =>
  answer
    .split("\n")
    .map((line) => line.replace(/^data: /, ""))
    .flatMap((line) => {
      try {
        return line.startsWith("{") ? [JSON.parse(line)] : [];
      } catch {
        return [];
      }
    });

const joined = (texts: readonly (string | undefined)[]): string => texts.filter((text) => text !== undefined).join("");
const prompt = 'Do the "work".';
const bearer = { authorization: "Bearer sk-secret" };

const openAiWords = {
  "401": "invalid_api_key",
  "429": "rate_limit_exceeded",
  "429-reset": "Please try again in ",
  "529": "overloaded",
  "wrong-model": "model_not_found",
  overflow: "context_length_exceeded",
};

export const apisUnderTest: readonly ApiUnderTest[] = [
  {
    name: "chat",
    path: "/v1/chat/completions",
    key: bearer,
    shell: "bash",
    filled: (command) => ({ command, description: "Do the work" }),
    request: ({ tools, toolResult }) => ({
      model: "m-1",
      stream: true,
      messages: [
        { role: "user", content: prompt },
        ...(toolResult === null ? [] : [{ role: "tool", tool_call_id: "call_1", content: toolResult }]),
      ],
      ...(tools ? { tools: [{ type: "function", function: { name: "bash", parameters: bashSchema } }] } : {}),
    }),
    understand: (answer) => {
      const deltas = framesOf(answer).map((frame) => frame.choices?.[0]?.delta ?? {});
      const calls = deltas.flatMap((delta) => delta.tool_calls ?? []);
      return {
        text: joined(deltas.map((delta) => delta.content)),
        calls: calls.map((call) => ({ tool: call.function.name, args: JSON.parse(call.function.arguments) })),
      };
    },
    words: openAiWords,
  },
  {
    name: "responses",
    path: "/v1/responses",
    key: bearer,
    shell: "exec_command",
    filled: (command) => ({ cmd: command, workdir: "." }),
    request: ({ tools, toolResult }) => ({
      model: "m-1",
      stream: true,
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: prompt }] },
        ...(toolResult === null ? [] : [{ type: "function_call_output", call_id: "call_1", output: toolResult }]),
      ],
      ...(tools ? { tools: [{ type: "function", name: "exec_command", parameters: execSchema }] } : {}),
    }),
    understand: (answer) => {
      const items = framesOf(answer)
        .filter((frame) => frame.type === "response.output_item.done")
        .map((frame) => frame.item);
      const calls = items.filter((item) => item.type === "function_call");
      return {
        text: joined(items.filter((item) => item.type === "message").map((item) => item.content[0].text)),
        calls: calls.map((item) => ({ tool: item.name, args: JSON.parse(item.arguments) })),
      };
    },
    words: { ...openAiWords, "429-reset": "usage_limit_reached" },
  },
  {
    name: "messages",
    path: "/v1/messages?beta=true",
    key: { "x-api-key": "sk-secret" },
    shell: "Bash",
    filled: (command) => ({ command, description: "Do the work" }),
    request: ({ tools, toolResult }) => ({
      model: "m-1",
      stream: true,
      messages: [
        { role: "user", content: prompt },
        ...(toolResult === null
          ? []
          : [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: toolResult }] }]),
      ],
      ...(tools ? { tools: [{ name: "Bash", input_schema: bashSchema }] } : {}),
    }),
    understand: (answer) => {
      const frames = framesOf(answer);
      const deltas = frames.filter((frame) => frame.type === "content_block_delta").map((frame) => frame.delta);
      const starts = frames.filter((frame) => frame.content_block?.type === "tool_use");
      const args = deltas.filter((delta) => delta.type === "input_json_delta");
      return {
        text: joined(deltas.map((delta) => delta.text)),
        calls: starts.map((start, index) => ({
          tool: start.content_block.name,
          args: JSON.parse(args[index]?.partial_json),
        })),
      };
    },
    words: {
      "401": "authentication_error",
      "429": "rate_limit_error",
      "429-reset": "rate_limit_error",
      "529": "overloaded_error",
      "wrong-model": "not_found_error",
      overflow: "prompt is too long",
    },
  },
  {
    name: "gemini",
    path: "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=sk-secret",
    key: { "x-goog-api-key": "sk-secret" },
    shell: "run_shell_command",
    filled: (command) => ({ command }),
    request: ({ tools, toolResult }) => ({
      contents: [
        { role: "user", parts: [{ text: prompt }] },
        ...(toolResult === null
          ? []
          : [{ role: "user", parts: [{ functionResponse: { name: "t", response: { output: toolResult } } }] }]),
      ],
      ...(tools
        ? { tools: [{ functionDeclarations: [{ name: "run_shell_command", parametersJsonSchema: geminiSchema }] }] }
        : {}),
    }),
    understand: (answer) => {
      const parts = framesOf(answer).flatMap((frame) => frame.candidates?.[0]?.content.parts ?? []);
      const calls = parts.filter((part) => part.functionCall);
      return {
        text: joined(parts.map((part) => part.text)),
        calls: calls.map(({ functionCall }) => ({ tool: functionCall.name, args: functionCall.args })),
      };
    },
    words: {
      "401": "UNAUTHENTICATED",
      "429": "RESOURCE_EXHAUSTED",
      "429-reset": "RESOURCE_EXHAUSTED",
      "529": "UNAVAILABLE",
      "wrong-model": "models/gemini-2.5-pro is not found",
      overflow: "INVALID_ARGUMENT",
    },
  },
  {
    name: "ollama",
    path: "/api/chat",
    key: bearer,
    shell: "run",
    filled: (command) => ({ command: ["/bin/sh", "-c", command] }),
    request: ({ tools, toolResult }) => ({
      model: "m-1",
      messages: [
        { role: "user", content: prompt },
        ...(toolResult === null ? [] : [{ role: "tool", content: toolResult }]),
      ],
      ...(tools ? { tools: [{ type: "function", function: { name: "run", parameters: listSchema } }] } : {}),
    }),
    understand: (answer) => {
      const messages = framesOf(answer).map((frame) => frame.message ?? {});
      const calls = messages.flatMap((message) => message.tool_calls ?? []);
      return {
        text: joined(messages.map((message) => message.content)),
        calls: calls.map((call) => ({ tool: call.function.name, args: call.function.arguments })),
      };
    },
    words: {
      "401": "unauthorized",
      "429": "usage limit",
      "429-reset": "usage limit",
      "529": "server busy",
      "wrong-model": "not found",
      overflow: "context length",
    },
  },
];

const text = { type: "string" };
const bashSchema = {
  type: "object",
  properties: { command: text, description: text, timeout: { type: "number" } },
  required: ["command", "description"],
};
const execSchema = { type: "object", properties: { cmd: text, workdir: text }, required: ["cmd", "workdir"] };
const geminiSchema = { type: "OBJECT", properties: { command: { type: "STRING" } }, required: ["command"] };
const listSchema = {
  type: "object",
  properties: { command: { type: "array", items: text } },
  required: ["command"],
};
