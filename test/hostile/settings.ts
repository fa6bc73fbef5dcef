import type { Product } from "../support/product.ts";

/** The effective settings of a product's profile, by YAML path. */
export async function settingsOf(product: Product): Promise<Readonly<Record<string, unknown>>> {
  const { values } = await product.json<{ values: { path: string; value: unknown }[] }>("profile", "show");
  return Object.fromEntries(values.map(({ path, value }) => [path, value]));
}
