/** What programs ask beside the answers themselves; null for what is not there. Pure. */
export function sideAnswer(method: string, path: string, model: string): object | null {
  if (path === "" || path === "/") return {};
  const known = Object.entries(answers).find(([end]) => path.endsWith(end));
  if (known) return known[1](model);
  const named = /\/(?:v1|v1beta)\/models\/([^/:]+)$/.exec(path)?.[1];
  if (method === "GET" && named !== undefined) return path.includes("/v1beta/") ? geminiModel(named) : openModel(named);
  return null;
}

const modelNames = ["scripted-model", "claude-sonnet-4-5", "gemini-2.5-pro"] as const;

const answers: { readonly [end: string]: (model: string) => object } = {
  "/v1/messages/count_tokens": () => ({ input_tokens: 1200 }),
  ":countTokens": () => ({ totalTokens: 1200 }),
  "/v1/models": () => ({ object: "list", data: modelNames.map(openModel), has_more: false }),
  "/v1beta/models": () => ({ models: modelNames.map(geminiModel) }),
  "/api/version": () => ({ version: "0.13.0" }),
  "/api/tags": () => ({ models: ["scripted-model:latest"].map(ollamaModel) }),
  "/api/ps": () => ({ models: [] }),
  "/api/show": (model) => ({
    modelfile: "",
    template: "",
    details: ollamaModel(model).details,
    model_info: { "general.architecture": "scripted", "scripted.context_length": 32_768 },
    capabilities: ["completion", "tools"],
  }),
};

const openModel = (id: string) => ({
  id,
  object: "model",
  type: "model",
  display_name: id,
  created: 0,
  owned_by: "scripted",
});

const geminiModel = (id: string) => ({
  name: `models/${id}`,
  displayName: id,
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ["generateContent", "countTokens"],
});

const ollamaModel = (name: string) => ({
  name,
  model: name,
  modified_at: "2026-01-01T00:00:00Z",
  size: 1_000_000,
  digest: "0".repeat(64),
  details: { format: "gguf", family: "scripted", parameter_size: "1B", quantization_level: "Q4_0" },
});
