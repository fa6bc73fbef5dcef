import { visibleText } from "@agent-control-plane/core/for-pages";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Nothing of it became an element, nothing ran, nothing turns the text around it, and the page answers. */
export async function isOnlyText(page: Page): Promise<void> {
  const found = (await page.evaluate(`({
    pwned: "pwned" in globalThis,
    elements: document.querySelectorAll("main img, main script, main iframe, main [onerror], main [onload]").length,
    addresses: [...document.querySelectorAll("main a")].filter(
      (link) => !/^(?:#|https?:)/.test(link.getAttribute("href") ?? ""),
    ).length,
    text: document.body.textContent ?? "",
    wide: document.documentElement.scrollWidth > innerWidth,
  })`)) as { readonly text: string };
  expect(found).toMatchObject({ pwned: false, elements: 0, addresses: 0, wide: false });
  expect(found.text === visibleText(found.text, { coloured: false })).toBe(true);
  expect(found.text.length).toBeLessThan(600_000);
}
