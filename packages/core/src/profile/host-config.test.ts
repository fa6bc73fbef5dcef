import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { backendSections } from "../../test/support/backend-sections.ts";
import { defaultHostLimits, type HostLimits } from "../domain/host.ts";
import { hostFile, loadHostLimits, parseHostLimits } from "./host-config.ts";

const file = "/home/ann/.agent-runtime/host.yaml";

const accepted: readonly (readonly [what: string, text: string, changes: Partial<HostLimits>])[] = [
  ["an empty file", "", {}],
  ["comments alone", "# max_workers: 3\n", {}],
  ["keys without a value", "max_workers:\nproviders:\n", {}],
  ["one key", "max_workers: 3\n", { maxWorkers: 3 }],
  ["looks switched off", "min_free_memory_mb: 0\nmin_free_disk_mb: 0\n", { minFreeMemoryMb: 0, minFreeDiskMb: 0 }],
  ["a load with a fraction", "max_load_per_cpu: 1.5\n", { maxLoadPerCpu: 1.5 }],
  ["limits of backends", "providers: { claude: 4, codex: 1 }\n", { providers: { claude: 4, codex: 1 } }],
  [
    "who is told of troubles",
    'notifications: { mute: [quota], quiet_hours: "22:00-07:30", webhook: { url: "env:HOOK" }, command: { run: [page] } }',
    {
      notifications: {
        ...defaultHostLimits.notifications,
        ...{ mute: ["quota"], webhook: { url: "env:HOOK", secret: null } },
        quietHours: { fromMinute: 1320, toMinute: 450, timeZone: null, except: [] },
        command: { run: ["page"], pass: [], timeoutMs: 20_000 },
      },
    },
  ],
  ["a backend without a number", "providers:\n  claude:\n  codex: 1\n", { providers: { codex: 1 } }],
];

it.each(accepted)("takes %s, and the defaults for the rest", (_what, text, changes) => {
  expect(parseHostLimits({ text, file, backends: backendSections })).toEqual({
    ok: true,
    limits: { ...defaultHostLimits, ...changes },
  });
});

const refused: readonly (readonly [what: string, text: string, problems: readonly string[]])[] = [
  ["a key that is nearly one", "max_worker: 3\n", ['1:1 max_worker did you mean "max_workers"?']],
  [
    "an unknown key",
    "colour: red\n",
    [
      "1:1 colour remove it; known here: max_workers, min_free_memory_mb, min_free_disk_mb, max_load_per_cpu, providers, retention, notifications.",
    ],
  ],
  ["a backend that there is none of", "providers:\n  clade: 2\n", ['2:3 providers.clade did you mean "claude"?']],
  ["no worker at all", "max_workers: 0\n", ["1:14 max_workers write a number above 0."]],
  ["half a worker", "max_workers: 2.5\n", ["1:14 max_workers write a whole number."]],
  ["a negative floor", "\nmin_free_disk_mb: -1\n", ["2:19 min_free_disk_mb write at least 0."]],
  ["words for numbers", "max_load_per_cpu: low\n", ["1:19 max_load_per_cpu write a number."]],
  [
    "several at once, in the file's order",
    "providers: { shell: 0 }\nmax_workers: many\nx: 1\n",
    [
      "1:21 providers.shell write a number above 0.",
      "2:14 max_workers write a number.",
      "3:1 x remove it; known here: max_workers, min_free_memory_mb, min_free_disk_mb, max_load_per_cpu, providers, retention, notifications.",
    ],
  ],
  [
    "a secret that stands in the file itself",
    "notifications: { webhook: { secret: hunter2 } }",
    [
      "1:37 notifications.webhook.secret write where the secret stands, env:NAME or file:/path, and never the secret itself.",
    ],
  ],
  [
    "a kind of trouble that there is none of, and no time of day",
    "notifications:\n  mute: [quotas]\n  quiet_hours: 25:00-07:00\n",
    [
      '2:10 notifications.mute[0] did you mean "quota"?',
      '3:16 notifications.quiet_hours write from when to when, such as "22:00-07:00".',
    ],
  ],
  ["a key twice", "max_workers: 1\nmax_workers: 2\n", ["2:1  keep one of the two."]],
  ["a list", "- 1\n", ['1:1  write lines such as "max_workers: 20", or remove the file.']],
  ["a text", "twenty\n", ['1:1  write lines such as "max_workers: 20", or remove the file.']],
];

it.each(refused)("refuses %s, each at its place with what to do", (_what, text, problems) => {
  const parsed = parseHostLimits({ text, file, backends: backendSections });
  const found = parsed.ok ? [] : parsed.problems;
  expect(found.map(({ line, column, path, fix }) => `${line}:${column} ${path} ${fix}`)).toEqual(problems);
});

it("never shows a secret that stands where only a reference may", () => {
  const text = "notifications: { webhook: { secret: hunter2hunter2 } }";
  expect(JSON.stringify(parseHostLimits({ text, file, backends: backendSections }))).not.toContain("hunter2");
});

it("refuses what is no YAML", () => {
  expect(parseHostLimits({ text: "max_workers: [1\n", file, backends: backendSections })).toMatchObject({ ok: false });
});

let home = "";
afterEach(() => rmSync(home, { recursive: true, force: true }));

it("is not needed: without the file the defaults hold, and with it the file does", () => {
  home = mkdtempSync(join(tmpdir(), "acp-host-"));
  expect(loadHostLimits(home, backendSections)).toEqual(defaultHostLimits);
  writeFileSync(hostFile(home), "max_workers: 7\n");
  expect(loadHostLimits(home, backendSections)).toMatchObject({
    maxWorkers: 7,
    minFreeDiskMb: defaultHostLimits.minFreeDiskMb,
  });
});

it("says everything that is wrong in one message, or why the file cannot be read", () => {
  home = mkdtempSync(join(tmpdir(), "acp-host-"));
  writeFileSync(hostFile(home), "max_workers: 0\nlimits: 1\n");
  expect(() => loadHostLimits(home, backendSections)).toThrow(
    /^host.yaml has 2 problems:\n.*host.yaml:1:14 max_workers:.*\n.*:2:1 limits:/,
  );
  rmSync(hostFile(home));
  mkdirSync(hostFile(home));
  expect(() => loadHostLimits(home, backendSections)).toThrow(/cannot be read: .*host.yaml/);
});
