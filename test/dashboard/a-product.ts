import { onTestFinished } from "vitest";
import { makeProduct, type Product } from "../support/product.ts";

/** A product of this test's own; goes with the test, after what was opened on it. */
export function aProduct(env: NodeJS.ProcessEnv = {}): Product {
  const product = makeProduct(env);
  onTestFinished(() => product.close());
  return product;
}
