import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Scenario, type ScriptedModel, startScriptedModel, writing } from "../src/index.ts";
import { type ApiUnderTest, apisUnderTest } from "./support/apis-under-test.ts";

let model: ScriptedModel;
beforeEach(async () => {
  model = await startScriptedModel({ chatterEveryMs: 1 });
});
afterEach(() => model.close());

function ask(api: ApiUnderTest, scenario: Scenario, request: { toolResult?: string; tools?: boolean } = {}) {
  const body = api.request({ tools: request.tools ?? true, toolResult: request.toolResult ?? null });
  return fetch(model.url(scenario) + api.path, {
    method: "POST",
    headers: { "content-type": "application/json", ...api.key },
    body: JSON.stringify(body),
  });
}

const answerOf = async (api: ApiUnderTest, response: Response) => api.understand(await response.text());

describe.each(apisUnderTest)("$name", (api) => {
  test("one call of the offered tool, filled by its own schema; then the last text", async () => {
    const first = await answerOf(api, await ask(api, "success"));
    expect(first).toEqual({
      text: "",
      calls: [{ tool: api.shell, args: api.filled("printf %s 'hi\n' > 'hello.txt'") }],
    });
    const second = await answerOf(api, await ask(api, "success", { toolResult: "ran" }));
    expect(second).toEqual({ text: "DONE", calls: [] });
    expect(model.requests().map(({ toolResults }) => toolResults)).toEqual([[], ["ran"]]);
    const logged = { scenario: "success", api: api.name, tools: [api.shell], hasKey: true, status: 200 };
    expect(model.requests()[0]).toMatchObject({ ...logged, model: api.name === "gemini" ? "gemini-2.5-pro" : "m-1" });
  });

  test("two calls in one turn", async () => {
    const { calls } = await answerOf(api, await ask(api, "two-tools"));
    expect(calls.map(({ tool }) => tool)).toEqual([api.shell, api.shell]);
  });

  test("whoever offers no tools gets the text alone, and a refusal offers nothing", async () => {
    expect(await answerOf(api, await ask(api, "success", { tools: false }))).toEqual({ text: "DONE", calls: [] });
    expect(await answerOf(api, await ask(api, "refusal"))).toEqual({ text: "I cannot help with this.", calls: [] });
  });

  test("endless work has a call in each turn, never twice the same", async () => {
    const first = await answerOf(api, await ask(api, "endless-work"));
    const second = await answerOf(api, await ask(api, "endless-work", { toolResult: "step 1" }));
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
    expect(second.calls[0]?.args).not.toEqual(first.calls[0]?.args);
  });

  test.each([
    ["401", 401],
    ["429", 429],
    ["429-reset", 429],
    ["529", api.name === "messages" ? 529 : 503],
    ["wrong-model", 404],
  ] as const)("%s is refused with %i and the vendor's own words", async (scenario, status) => {
    const response = await ask(api, scenario);
    expect(response.status).toBe(status);
    expect(JSON.stringify(await response.json())).toContain(api.words[scenario]);
  });

  test("only a limit that says until when says it", async () => {
    const until = String(Math.ceil((model.resetAt - Date.now()) / 1000)).slice(0, 2);
    const [plain, withReset] = [await ask(api, "429"), await ask(api, "429-reset")];
    const told = async (response: Response) =>
      (response.headers.get("retry-after") ?? "") + (/retryDelay":"(\d+)s/.exec(await response.text())?.[1] ?? "");
    expect(await told(plain)).toBe("");
    expect(await told(withReset)).toContain(until);
  });

  test("a context that is too long is told where the vendor tells it", async () => {
    const response = await ask(api, "overflow");
    expect(response.status).toBe(api.name === "responses" ? 200 : 400);
    expect(await response.text()).toContain(api.words.overflow);
  });

  test("a reset cuts an answer that has begun", async () => {
    const response = await ask(api, "reset");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("garbage ends, and is none of the API's frames", async () => {
    expect((await answerOf(api, await ask(api, "malformed"))).calls).toEqual([]);
  });

  test("chatter goes on until somebody hangs up", async () => {
    const response = await ask(api, "chatter");
    const reader = response.body?.getReader();
    let heard = "";
    while ((heard.match(/and then/g) ?? []).length < 5)
      heard += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
  });
});

test("silence is never answered, and closing ends it", async () => {
  const [chat] = apisUnderTest;
  if (!chat) throw new Error("no API");
  const asked = ask(chat, "silence").catch((error: Error) => error.message);
  while (model.requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(model.requests()[0]?.status).toBe("never answered");
  await model.close();
  expect(await asked).toContain("failed");
});

test("its script may depend on what was said; keys are not kept", async () => {
  await model.close();
  model = await startScriptedModel({
    script: ({ text }) => ({ wishes: [writing({ "src/a.txt": text.includes('the "work"') ? "found" : "not found" })] }),
  });
  for (const api of apisUnderTest) {
    const { calls } = await answerOf(api, await ask(api, "success"));
    expect(calls).toEqual([{ tool: api.shell, args: api.filled("mkdir -p 'src' && printf %s 'found' > 'src/a.txt'") }]);
  }
  expect(JSON.stringify(model.requests())).not.toContain("sk-secret");
});

test("what programs ask besides is answered; a scenario nobody knows and a strange path are not", async () => {
  const statusOf = async (path: string, method = "GET") =>
    (await fetch(model.url("401") + path, { method, body: method === "POST" ? "{}" : null })).status;
  for (const path of ["/v1/models", "/v1beta/models/gemini-2.5-pro", "/api/tags", "/api/version"])
    expect(await statusOf(path), path).toBe(200);
  for (const path of ["/v1/messages/count_tokens", "/v1beta/models/x:countTokens", "/api/show"])
    expect(await statusOf(path, "POST"), path).toBe(200);
  expect(await statusOf("/nothing")).toBe(404);
  const unknown = await fetch(`${model.url("401")}x/v1/responses`, { method: "POST", body: "{}" });
  expect(unknown.status).toBe(404);
});

test("a tool that takes a program gets one, wherever it was offered", async () => {
  const exec = { type: "namespace", name: "functions", tools: [{ type: "custom", name: "exec" }] };
  const response = await fetch(`${model.url("success")}/v1/responses`, {
    method: "POST",
    body: JSON.stringify({ model: "m-1", input: [{ type: "additional_tools", tools: [exec] }] }),
  });
  const { output } = (await response.json()) as { output: readonly object[] };
  const input = expect.stringMatching(/^text\(await tools\.exec_command\(\{"cmd":"printf .*"\}\)\);$/);
  expect(output).toEqual([expect.objectContaining({ type: "custom_tool_call", name: "exec", input })]);
});
