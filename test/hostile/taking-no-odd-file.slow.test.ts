import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product } from "../support/product.ts";
import { concluded } from "./concluded.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

const results = {
  pipe: { make: 'mkfifo "$ACP_RESULT_FILE"', ends: "it is not a regular file" },
  link: { make: 'ln -s /etc/passwd "$ACP_RESULT_FILE"', ends: "it is a symbolic link" },
  sparse: { make: 'truncate -s 1G "$ACP_RESULT_FILE"', ends: "it is larger than" },
  folder: { make: 'mkdir "$ACP_RESULT_FILE"', ends: "it is not a regular file" },
  nested: { make: `head -c 200000 /dev/zero | tr '\\0' '[' > "$ACP_RESULT_FILE"`, ends: "result.json is not JSON" },
  unknown: { make: `echo '{"outcome":"verified"}' > "$ACP_RESULT_FILE"`, ends: '"verified" does not belong to lane' },
} as const;

/** Made in the run folder, which is the host's: none of it may hold the host up or speak for the agent. */
const runFolders = {
  planted: 'cd "$HOME/.."; mkfifo result.json; mkdir -p result.refused/x; mkdir ending.json.x; chmod 500 .',
  linked: 'cd "$HOME/.."; rm -f output.log events.jsonl; ln -s /etc/passwd output.log; mkfifo events.jsonl result.env',
  unreadable: 'cd "$HOME/.."; mkfifo verification.json wrapper.json.x; rm -f processes.json; mkfifo processes.json',
} as const;

it("takes no odd result file, waits for none, and says why", { timeout: 90_000 }, async () => {
  product = makeProduct();
  const { json, folder } = product;
  const cases = Object.entries(results).map(([name, { make }]) => `${name}) ${make} ;;`);
  const planted = Object.entries(runFolders).map(([name, make]) => `${name}) (${make}) ;;`);
  const worker = join(folder, "odd-worker.sh");
  writeFileSync(
    worker,
    [
      'echo "work $ACP_ISSUE_TITLE" > "work-$ACP_ISSUE_TITLE.txt"',
      // Checks run what the agent wrote: this one puts a pipe where the host looks for the check's log.
      `echo 'rm -f "$HOME"/../verify-*.log; mkfifo "$HOME/../verify-1-checks.log" "$HOME/../result.json"' > check.sh`,
      'case "$ACP_ISSUE_TITLE" in',
      ...cases,
      ...planted,
      "esac",
    ].join("\n"),
  );
  await installProfile(product, {
    shellCommand: `exec /bin/sh "${worker}"`,
    configure: {
      "execution.retry.max_attempts": 1,
      "limits.max_concurrent_workers": 4,
      "limits.max_launches_per_heartbeat": 12,
      "verification.commands": [{ name: "checks", command: "sh ./check.sh" }],
    },
  });
  const titles = [...Object.keys(results), ...Object.keys(runFolders)];
  for (const title of titles) await json("issue", "create", "--title", title, "--label", "agent-ready");
  await json("runtime", "start");
  for (const [index, title] of titles.entries()) {
    const body = (await concluded(product, index + 1)).comments[0]?.body ?? "";
    const expected = title in results ? results[title as keyof typeof results].ends : "Opened PR #";
    expect.soft(body, title).toContain(expected);
    if (title in results) expect.soft(body, title).toContain("# Blocker: invalid-result-contract");
  }
});

it("writes nothing through a folder for results that is a link or a file in the repository", async () => {
  product = makeProduct();
  const { json, folder } = product;
  const outside = join(folder, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "result.json"), '{"outcome":"blocked","detail":"planted"}');
  const shellCommand = "echo work > work.txt";
  const configure = { "execution.retry.max_attempts": 1 };
  await installProfile(product, { id: "link", shellCommand, configure, links: { ".acp": outside } });
  await installProfile(product, {
    id: "dangling",
    shellCommand,
    configure,
    links: { ".acp": join(folder, "nowhere") },
  });
  await installProfile(product, { id: "file", shellCommand, configure, files: { ".acp": "a file\n" } });
  const ids = ["link", "dangling", "file"];
  for (const id of ids) await json("issue", "create", "--title", "Work", "--label", "agent-ready", "--profile-id", id);
  await json("runtime", "start", "--all");
  for (const id of ids) {
    const body = (await concluded(product, 1, id)).comments[0]?.body ?? "";
    expect.soft(body, id).toContain(".acp is not a folder");
  }
  expect(readdirSync(outside)).toEqual(["result.json"]);
  expect(readFileSync(join(outside, "result.json"), "utf8")).toContain("planted");
  expect(readdirSync(folder)).not.toContain("nowhere");
});

/** Without a pid namespace a program can end its own wrapper; what it leaves in its place is no more than a claim. */
const forgeries = {
  shapeless: `echo '{"exitReason":"finished"}' > ending.json; echo '{"marks":[null,{"pid":-1}]}' > processes.json`,
  wrong: `echo '[1]' > ending.json; echo '{"marks":7}' > processes.json; echo '{"pid":"../../x"}' > wrapper.json`,
  pipes: "rm -f processes.json; mkfifo ending.json processes.json",
} as const;

it("a session that ends its wrapper and forges what it left is lost, and holds up nobody else", async () => {
  product = makeProduct();
  const { json, folder } = product;
  const worker = join(folder, "forging-worker.sh");
  writeFileSync(
    worker,
    [
      "wrapper=$PPID",
      'echo "work $ACP_ISSUE_TITLE" > "work-$ACP_ISSUE_TITLE.txt"',
      '[ "$ACP_ISSUE_TITLE" = honest ] && exit 0',
      'cd "$HOME/.."',
      'case "$ACP_ISSUE_TITLE" in',
      ...Object.entries(forgeries).map(([name, make]) => `${name}) ${make} ;;`),
      "esac",
      "kill -9 $wrapper",
      "sleep 60",
    ].join("\n"),
  );
  await installProfile(product, {
    shellCommand: `exec /bin/sh "${worker}"`,
    configure: { "execution.retry.max_attempts": 1, "execution.isolation": "process-tree" },
  });
  const titles = [...Object.keys(forgeries), "honest"];
  for (const title of titles) await json("issue", "create", "--title", title, "--label", "agent-ready");
  await json("runtime", "start");
  for (const [index, title] of titles.entries()) {
    const body = (await concluded(product, index + 1)).comments[0]?.body ?? "";
    expect.soft(body, title).toContain(title === "honest" ? "Opened PR #" : "# Blocker: session-lost");
  }
});
