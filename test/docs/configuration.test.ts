import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EffectiveValue, parseProfile, profileSchema } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/configuration.md"), "utf8");

/** Key, default and meaning of each row of the table of keys. */
const rows = [...page.matchAll(/^\| `([a-z_.]+)` *\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(
  ([, key = "", , initial = ""]) => ({ key, initial: initial.trim() }),
);

const least = 'id: web\nrepo: { slug: o/n }\nexecution: { shell: { command: "true" } }\n';

function effective(): readonly EffectiveValue[] {
  const parsed = parseProfile({ text: least, file: "/p/control-plane.yaml", env: { HOME: "/h" }, runtimeHome: "/r" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.effective;
}

/** The schema's own default; null stands for "derived" or for none. */
function defaultOf(key: string): unknown {
  const file: unknown = profileSchema.parse({ id: "web", repo: { slug: "o/n" } });
  return key.split(".").reduce((at, part) => (at as Record<string, unknown>)[part], file);
}

it("names every key of the schema once, in its order, and no other", () => {
  expect(rows.map((row) => row.key)).toEqual(effective().map((value) => value.path));
});

it("names the default that is in force", () => {
  for (const { key, initial } of rows) {
    const real = defaultOf(key);
    if (initial === "required") expect(["id", "repo.slug"]).toContain(key);
    else if (initial.startsWith("derived: ")) expect(real, key).toBeNull();
    else expect(JSON.parse(initial.replaceAll("`", "")), key).toEqual(real);
  }
});

it("names every variable that replaces a key", () => {
  const source = readFileSync(join(root, "packages/core/src/profile/env-overrides.ts"), "utf8");
  const names = [...source.matchAll(/name: "(ACP_[A-Z_]+)", path: \[([^\]]+)\]/g)];
  expect(names.length).toBeGreaterThan(5);
  for (const [, name, path = ""] of names) {
    const key = JSON.parse(`[${path}]`).join(".");
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| replaces \`${key}\``, "m"));
  }
});
