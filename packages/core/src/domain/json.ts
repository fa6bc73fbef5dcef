/** Anything that survives `JSON.parse(JSON.stringify(x))` unchanged; what the store keeps in text columns. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };
