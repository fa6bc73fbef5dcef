// Every command there is, from commander's own tree, with a line that calls it.
import { leavesOf, pathOf } from "../../../../scripts/docs/cli-reference.ts";
import { programToRead } from "../../../../scripts/docs/pages.ts";

export type Leaf = ReturnType<typeof leavesOf>[number];

export const tree = await programToRead();
export const leaves = leavesOf(tree);
export const nameOf = (leaf: Leaf): string => pathOf(leaf).slice("acp ".length);
export const takes = (leaf: Leaf, long: string): boolean => leaf.options.some((option) => option.long === long);

/** What stands for each argument and required option, by name; one that is not here fails the test that needs it. */
const values: Readonly<Record<string, string>> = {
  ...{ number: "1", item: "1", id: "1", session: "s1", scope: "s", name: "shell", shell: "bash" },
  ...{ flow: "f1", task: "t1", ref: "d1", "--answer": "retry" },
  ...{ file: "/nonexistent/file", path: "/nonexistent/path" },
  ...{ "--title": "a title", "--body": "a text", "--profile-id": "web" },
};

/** What a command needs besides: one of several options. */
const besides: Readonly<Record<string, readonly string[]>> = {
  "budget raise": ["--usd", "1"],
  "issue label": ["--add", "x"],
  "pr review": ["--approve"],
  "outbox drop": ["--reason", "r"],
  "profile remove": ["--dry-run"],
  remove: ["--dry-run"],
};

/** A whole line of this command, with JSON wherever there is any. */
export function lineOf(leaf: Leaf): readonly string[] {
  const value = (name: string): string => {
    const found = values[name];
    if (found === undefined) throw new Error(`this test has no value for ${name} of ${pathOf(leaf)}`);
    return found;
  };
  return [
    ...nameOf(leaf).split(" "),
    ...leaf.registeredArguments.map((argument) => value(argument.name())),
    ...leaf.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long ?? "", value(long ?? "")]),
    ...(besides[nameOf(leaf)] ?? []),
    ...(takes(leaf, "--json") ? ["--json"] : []),
  ];
}
