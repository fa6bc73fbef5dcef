import { request } from "node:http";
import { expect, test } from "vitest";
import { cloneScene, startScene } from "../support/forge.ts";

test("the address of an issue or pull request opens as a page, hostile text escaped", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const hostile = `<script>alert("x")</script>`;
  const issue = await scene.ask("POST", "issues", { body: { title: hostile, body: hostile, labels: ["<b>"] } });
  await clone.push("work", { "page.html": hostile });
  const pull = await scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  for (const address of [issue.body.html_url, pull.body.html_url, issue.body.html_url.replace("/issues/1", "")]) {
    const page = await fetch(address);
    const text = await page.text();
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([
      200,
      "default-src 'none'; style-src 'unsafe-inline'",
    ]);
    expect(text).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(text).not.toContain("<script");
  }
  expect((await fetch(pull.body.diff_url)).status).toBe(200);
});

test("a page is not shown under another host's name", async () => {
  const { forge } = await startScene();
  const { port } = new URL(forge.url);
  const status = await new Promise((resolve) =>
    request({ port, host: "127.0.0.1", path: "/maya/demo", headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end(),
  );
  expect(status).toBe(403);
});
