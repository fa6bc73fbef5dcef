// A bundler plugin: which of our files go into one chunk. By itself the bundler makes a chunk for each set of commands
// that share something, which is some seventy tiny files for one command, and opening them takes longer than running them.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { directSources } from "./direct-imports.mjs";

const ownSource = /[\\/]packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/;

/**
 * `start`: the program's first file; what it loads at once is left as it is. `parts`: lists of files that are loaded on
 * demand. All that only one list needs becomes one chunk, and so does what the same lists need; whoever needs any of it
 * loads all of it.
 */
export function inChunks(root, { start, parts }) {
  const read = directSources(root);
  const groups = groupsOf(
    read,
    join(root, start),
    parts.map((files) => files.map((file) => join(root, file))),
  );
  const groupOf = new Map(groups.flatMap((files, group) => files.map((file) => [file, group])));
  return {
    name: "in-chunks",
    setup(build) {
      build.onLoad({ filter: ownSource }, ({ path }) => ({ contents: tied(path), loader: "ts" }));
      build.onResolve({ filter: /^chunk:/ }, ({ path }) => ({ path, namespace: "chunk", sideEffects: true }));
      build.onLoad({ filter: /./, namespace: "chunk" }, ({ path }) => ({ contents: all(path), resolveDir: root }));
      // Else a file that is only named, to be in the chunk, would be dropped.
      build.onResolve({ filter: /\.ts$/ }, ({ path: named, resolveDir }) => {
        const path = resolve(resolveDir, named);
        return groupOf.has(path) ? { path, sideEffects: true } : undefined;
      });
    },
  };

  /** Who imports one file of a chunk from outside imports the whole chunk. */
  function tied(path) {
    const { text, imports } = read(path);
    const named = new Set(imports.map((file) => groupOf.get(file)));
    named.delete(undefined);
    named.delete(groupOf.get(path));
    return [text, ...[...named].map((group) => `import "chunk:${group}";`)].join("\n");
  }

  function all(path) {
    const files = groups[Number(path.slice("chunk:".length))];
    return files.map((file) => `import ${JSON.stringify(file)};`).join("\n");
  }
}

/** Of what several lists need, so little is read with the first list's sooner than as a file of its own. */
const smallBytes = 20_000;

/**
 * Files that are needed by the same lists are a group. What is needed by the first list is one group, whoever else needs
 * it. A file's own needs are needed by all lists that need the file, so that no two groups wait for each other.
 */
function groupsOf(read, start, parts) {
  const apart = new Set([...reachable(read, [start]), ...parts.flat()]);
  const needed = (files) => [...reachable(read, files)].filter((file) => !apart.has(file));
  const neededBy = new Map();
  for (const [list, files] of parts.entries())
    for (const file of needed(files)) neededBy.set(file, [...(neededBy.get(file) ?? []), list]);
  const groups = new Map();
  for (const [file, lists] of neededBy) {
    const group = lists[0] === 0 ? "0" : lists.join();
    groups.set(group, (groups.get(group) ?? new Set()).add(file));
  }
  const first = groups.get("0") ?? new Set();
  for (const [name, files] of groups) {
    if (!name.includes(",")) continue;
    const more = needed(files).filter((file) => !first.has(file));
    if (more.reduce((sum, file) => sum + statSync(file).size, 0) > smallBytes) continue;
    for (const group of groups.values()) for (const file of more) group.delete(file);
    for (const file of more) first.add(file);
  }
  return [...groups.values()].filter(({ size }) => size > 0).map((files) => [...files]);
}

function reachable(read, files) {
  const found = new Set(files);
  // A set is walked with what is added to it meanwhile.
  for (const file of found) for (const next of read(file).imports) found.add(next);
  return found;
}
