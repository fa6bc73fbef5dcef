import { randomBytes } from "node:crypto";
import type { Session } from "@agent-control-plane/core";
import { afterEach, expect, it } from "vitest";
import { bytesOf, filesBelow } from "../support/files-below.ts";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { allCommandLines } from "./marked-processes.ts";
import { settingsOf } from "./settings.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

it.runIf(process.platform === "linux")(
  "a model's key is in nothing that is kept, published or shown, though the agent prints and commits it; gh and git push do nothing",
  async () => {
    const key = `sk-canary-${randomBytes(12).toString("hex")}`;
    // Set in the profile under a name that says nothing; the other is passed on from the runtime's environment.
    const fixed = `canary${randomBytes(12).toString("hex")}`;
    product = makeProduct({ MODEL_ACCESS: key });
    const { json, acp, home } = product;
    const agent = [
      'echo "printed $MODEL_ACCESS $FIXED"; echo "to stderr $FIXED" >&2',
      'echo "remotes [$(git remote)] helpers [$(git config --get-all credential.helper)]"',
      'git push origin HEAD 2>&1; echo "push ended $?"; git push 2>&1; echo "push ended $?"',
      'gh auth status 2>&1; echo "gh ended $?"',
      'echo "work $MODEL_ACCESS" > work.txt; git add -A; printf "with %s in it" "$FIXED" | git commit -qF -',
      'printf \'{"outcome":"implemented","pr_title":"Uses %s","pr_body":"and %s"}\' "$MODEL_ACCESS" "$FIXED" > "$ACP_RESULT_FILE"',
      'echo "last words $MODEL_ACCESS"',
    ].join("; ");
    await installProfile(product, {
      shellCommand: agent,
      configure: { "execution.env.pass": ["MODEL_ACCESS"], "execution.env.set": { FIXED: fixed } },
    });
    const spellings = [key, fixed].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    ]);
    const leaksIn = (text: string) => spellings.filter((spelling) => text.includes(spelling));
    const over = new AbortController();
    const inCommandLines = watchCommandLines(leaksIn, over.signal);

    await json("issue", "create", "--title", "Print your key", "--label", "agent-ready");
    await json("runtime", "start");
    const concluded = await until("the end of the agent's session", async () => {
      const { sessions } = await json<{ sessions: Session[] }>("sessions", "list", "--all");
      return sessions.find(({ kind, state }) => kind === "agent" && state === "concluded") ?? null;
    });
    over.abort();
    const { looks, found } = await inCommandLines;
    expect(looks).toBeGreaterThan(5);
    expect(found).toEqual([]);

    const printed = (await acp("sessions", "logs", concluded.id, "--raw")).stdout;
    expect(printed).toContain("printed [secret] [secret]");
    expect(printed).toContain("remotes [");
    expect(printed).toMatch(/helpers \[\]/);
    expect(printed.match(/push ended [1-9]\d*/g)).toHaveLength(2);
    expect(printed).toMatch(/gh ended [1-9]\d*/);

    // The agent's own places hold what it wrote there; the profile holds what its person set in it.
    const settings = await settingsOf(product);
    const own = [String(settings["runtime.worktree_root"]), "/home/", "/control-plane.yaml"];
    const holding = filesBelow(home)
      .filter((file) => leaksIn(bytesOf(file)).length > 0)
      .filter((file) => !own.some((part) => file.includes(part)));
    expect(holding).toEqual([]);
    const store = await product.store();
    const outputs = [
      printed,
      (await acp("events", "--json", "--last", "1000")).stdout,
      (await acp("issue", "view", "1", "--json")).stdout,
      (await acp("runtime", "status", "--json")).stdout,
      JSON.stringify(await store.outbox.list({ limit: 1000 })),
      JSON.stringify(await store.events.list({ afterSeq: 0 })),
      JSON.stringify(concluded),
    ];
    expect(outputs.flatMap(leaksIn)).toEqual([]);
  },
);

/** Looks at every command line again and again until it is told to stop. */
async function watchCommandLines(leaksIn: (text: string) => readonly string[], over: AbortSignal) {
  const found: string[] = [];
  let looks = 0;
  while (!over.aborted) {
    looks += 1;
    found.push(...allCommandLines().flatMap(({ cmdline }) => leaksIn(cmdline)));
    await new Promise((done) => setTimeout(done, 25));
  }
  return { looks, found };
}
