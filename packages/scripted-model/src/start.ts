import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerTurn, sendJson } from "./answer.ts";
import type { Api, ResetTime } from "./apis/api.ts";
import { chatApi } from "./apis/chat.ts";
import { geminiApi } from "./apis/gemini.ts";
import { messagesApi } from "./apis/messages.ts";
import { ollamaApi } from "./apis/ollama.ts";
import { responsesApi } from "./apis/responses.ts";
import { sideAnswer } from "./apis/side-answers.ts";
import { type Asked, type Fields, fieldsOf, textOr } from "./asked.ts";
import { hasKey, type LoggedRequest, pathWithoutKey } from "./request-log.ts";
import { isScenario, type Scenario } from "./scenarios.ts";
import { decideTurn, defaultScript, type Script } from "./script.ts";

export interface ScriptedModelOptions {
  /** What it does when nothing goes wrong; a function is asked at each request. */
  readonly script?: Partial<Script> | ((asked: Asked) => Partial<Script>);
  /** Milliseconds since 1970: what `429-reset` names. An hour from the start when left out. */
  readonly resetAt?: number;
  readonly chatterEveryMs?: number;
  readonly now?: () => number;
}

export interface ScriptedModel {
  /** Without a slash at its end; an API's own paths follow (`/v1/responses`, `/v1beta/models/...`, `/api/chat`). */
  url(scenario: Scenario): string;
  /** Whole seconds, as vendors give it; milliseconds since 1970. */
  readonly resetAt: number;
  requests(): readonly LoggedRequest[];
  close(): Promise<void>;
}

const apis: readonly Api[] = [responsesApi, chatApi, messagesApi, geminiApi, ollamaApi];

/** A model of our own on 127.0.0.1, behind five vendors' APIs: it plays the scenario that its URL names. */
export async function startScriptedModel(options: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  const now = options.now ?? Date.now;
  const resetAt = Math.floor((options.resetAt ?? now() + 3_600_000) / 1000) * 1000;
  const requests: LoggedRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const reset = { at: new Date(resetAt), inSeconds: Math.max(1, Math.ceil((resetAt - now()) / 1000)) };
    requests.push(answer({ request, response, body, reset, options }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: (scenario) => `http://127.0.0.1:${port}/s/${scenario}`,
    resetAt,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Fields;
  readonly reset: ResetTime;
  readonly options: ScriptedModelOptions;
}

function answer({ request, response, body, reset, options }: Exchange): LoggedRequest {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const [, scenario = "", path = ""] = /^\/s\/([^/]+)(.*)$/.exec(url.pathname) ?? [];
  const method = request.method ?? "GET";
  const api = method === "POST" ? apis.find((each) => each.isAskedAt(path)) : undefined;
  const asked = api?.read(body, path) ?? null;
  const logged = {
    method,
    path: pathWithoutKey(path, url.searchParams),
    scenario,
    api: api?.name ?? null,
    model: asked?.model ?? null,
    tools: asked?.tools.map(({ name }) => name) ?? [],
    toolResults: asked?.toolResults ?? [],
    hasKey: hasKey(request.headers, url.searchParams),
    body,
  };
  if (!isScenario(scenario)) return { ...logged, status: notThere(response, `no scenario "${scenario}"`) };
  if (!api || !asked) {
    const side = sideAnswer(method, path, textOr(body.model, ""));
    const status = side ? sendJson(response, 200, side) : notThere(response, `nothing at ${path}`);
    return { ...logged, status };
  }
  const script = typeof options.script === "function" ? options.script(asked) : options.script;
  const turn = decideTurn(scenario, asked, { ...defaultScript, ...script });
  const chatterEveryMs = options.chatterEveryMs ?? 50;
  return { ...logged, status: answerTurn(turn, { api, asked, reset, chatterEveryMs, response }) };
}

function notThere(response: ServerResponse, message: string): number {
  return sendJson(response, 404, { error: { message, type: "not_found" } });
}

async function bodyOf(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return fieldsOf(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    return {};
  }
}
