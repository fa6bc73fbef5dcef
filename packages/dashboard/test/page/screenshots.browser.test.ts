import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demoDetails } from "./demo/demo-details.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { openDemo } from "./demo/open-demo.ts";

// The pictures of README and docs: `ACP_SCREENSHOTS=1 npm run test:browser -- screenshots` makes them anew. Without it
// they go where artefacts go, so that each run of the browser tests leaves what the page looked like.
const root = join(import.meta.dirname, "..", "..", "..", "..");
const folder = process.env.ACP_SCREENSHOTS ? join(root, "docs", "images") : join(root, ".cache", "screenshots");

const desk = { width: 1_360, height: 860 };
const phone = { width: 375, height: 812 };

const pictures = [
  { name: "overview-light", place: "#/", viewport: desk, colorScheme: "light" },
  { name: "overview-dark", place: "#/", viewport: desk, colorScheme: "dark" },
  { name: "overview-phone", place: "#/", viewport: phone, colorScheme: "light" },
  { name: "profile", place: "#/profile/web?view=items", viewport: desk, colorScheme: "light" },
  { name: "item", place: "#/item/web/issue:409", viewport: desk, colorScheme: "light" },
  { name: "session", place: "#/session/s-9041", viewport: desk, colorScheme: "dark" },
  { name: "flow", place: "#/flow/f-31", viewport: desk, colorScheme: "light" },
  { name: "trends", place: "#/trends", viewport: desk, colorScheme: "light" },
] as const;

describe("pictures of a busy morning", () => {
  it("are made, and are small", async () => {
    mkdirSync(folder, { recursive: true });
    const demo = await openDemo(demoDocuments(Date.now()), demoDetails(Date.now()));
    try {
      for (const { name, place, ...options } of pictures) {
        const page = await demo.open(place, options);
        await page.locator("main h2").first().waitFor();
        if (name === "trends") await page.locator("canvas").last().waitFor();
        const path = join(folder, `${name}.png`);
        await page.screenshot({ path, animations: "disabled" });
        expect(statSync(path).size).toBeLessThan(200_000);
        await page.context().close();
      }
    } finally {
      await demo.close();
    }
  });
});
