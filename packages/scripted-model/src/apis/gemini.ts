import { type Asked, fieldsOf, listOf, textOr, textsBelow } from "../asked.ts";
import { geminiFault } from "../faults/gemini.ts";
import { type Api, type Reply, sse, tokens } from "./api.ts";

/** Google's generateContent, streaming and whole. The model is in the path. */
export const geminiApi: Api = {
  name: "gemini",
  isAskedAt: (path) => /:(streamGenerateContent|generateContent)$/.test(path),
  read: (body, path) => ({
    model: /models\/([^/:]+):/.exec(path)?.[1] ?? "",
    tools: listOf(body.tools)
      .flatMap((tool) => listOf(fieldsOf(tool).functionDeclarations))
      .map(fieldsOf)
      .map((tool) => ({
        name: textOr(tool.name, ""),
        schema: fieldsOf(tool.parametersJsonSchema ?? tool.parameters),
      })),
    toolResults: listOf(body.contents)
      .flatMap((content) => listOf(fieldsOf(content).parts))
      .map((part) => fieldsOf(part).functionResponse)
      .filter((response) => response !== undefined)
      .map((response) => textsBelow(fieldsOf(response).response)),
    streams: path.endsWith(":streamGenerateContent"),
    text: textsBelow([body.systemInstruction, body.contents]),
  }),
  streamType: "text/event-stream",
  stream: (asked, reply) => [sse(chunk(asked, partsOf(reply))), sse(chunk(asked, [{ text: "" }], "STOP"))],
  begin: () => [],
  piece: (asked, text) => sse(chunk(asked, [{ text }])),
  whole: (asked, reply) => chunk(asked, partsOf(reply), "STOP"),
  garbage: ['data: {"candidates":[{"cont\n\n', "data: <html>bad gateway</html>\n\n"],
  fault: geminiFault,
};

function partsOf({ text, calls }: Reply): readonly object[] {
  const said = text === "" && calls.length > 0 ? [] : [{ text }];
  return [...said, ...calls.map(({ id, tool, args }) => ({ functionCall: { id, name: tool, args } }))];
}

function chunk(asked: Asked, parts: readonly object[], finished?: string): object {
  const candidate = { content: { role: "model", parts }, index: 0 };
  return {
    candidates: [finished === undefined ? candidate : { ...candidate, finishReason: finished }],
    usageMetadata: {
      promptTokenCount: tokens.input,
      cachedContentTokenCount: tokens.cached,
      candidatesTokenCount: tokens.output,
      totalTokenCount: tokens.total,
    },
    modelVersion: asked.model,
    responseId: `response-${asked.toolResults.length + 1}`,
  };
}
