import * as z from "zod";
import { asNumber, asObject, asText, type Fields } from "./json-line.ts";
import { keyVariable } from "./key-by-name.ts";

const price = z.number().nonnegative().default(0);

/** The keys of a backend whose program can speak to any vendor, or to an address of one's own. */
export const endpointKeys = {
  base_url: z.url().nullable().default(null),
  api: z.enum(["openai-completions", "openai-responses", "anthropic-messages"]).default("openai-completions"),
  api_key_env: keyVariable.nullable().default(null),
  context_tokens: z.number().int().min(1_000).max(100_000_000).default(200_000),
  max_output_tokens: z.number().int().min(100).max(10_000_000).default(32_000),
  price: z.strictObject({ input: price, output: price, cache_read: price, cache_write: price }).prefault({}),
};

export interface ModelEndpoint {
  /** Null: the vendor's. */
  readonly baseUrl: string | null;
  readonly api: "openai-completions" | "openai-responses" | "anthropic-messages";
  /** The variable that holds the key; null: the one that the program itself looks in. */
  readonly keyVariable: string | null;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** US dollars a million tokens. */
  readonly price: { readonly input: number; readonly output: number; readonly read: number; readonly write: number };
}

/** Pure. What a section with `endpointKeys` says; a part that is missing is as its default. */
export function endpointOf(settings: Fields): ModelEndpoint {
  const { api: wanted } = settings;
  const api = wanted === "openai-responses" || wanted === "anthropic-messages" ? wanted : "openai-completions";
  const baseUrl = asText(settings.base_url);
  const prices = asObject(settings.price) ?? {};
  const usualKey = api === "anthropic-messages" ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY";
  return {
    baseUrl,
    api,
    keyVariable: asText(settings.api_key_env) ?? (baseUrl === null ? null : usualKey),
    contextTokens: asNumber(settings.context_tokens) ?? 200_000,
    maxOutputTokens: asNumber(settings.max_output_tokens) ?? 32_000,
    price: {
      input: asNumber(prices.input) ?? 0,
      output: asNumber(prices.output) ?? 0,
      read: asNumber(prices.cache_read) ?? 0,
      write: asNumber(prices.cache_write) ?? 0,
    },
  };
}

/** `provider/model`; behind an address of one's own the provider is only a name, and may be left out. */
export function providerAndModel(model: string): { readonly provider: string; readonly id: string } {
  const slash = model.indexOf("/");
  return slash > 0
    ? { provider: model.slice(0, slash), id: model.slice(slash + 1) }
    : { provider: "custom", id: model };
}

/** Pure. The program asks for no model without a provider's name. */
export function lackingModel(settings: Fields, isNeeded: boolean) {
  const model = asText(settings.model);
  const hasAddress = asText(settings.base_url) !== null;
  if (model === null && !isNeeded && !hasAddress && asText(settings.api_key_env) === null) return null;
  if (model !== null && (hasAddress || model.includes("/"))) return null;
  return {
    key: "model",
    message: model === null ? "No model is named." : `"${model}" does not name the model's provider.`,
    fix: 'set provider and model, for example "openai/gpt-5"; with a base_url the model alone is enough.',
  };
}
