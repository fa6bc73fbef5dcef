// A bundler plugin: which of our files go into one chunk. By itself the bundler makes a chunk for each set of commands
// that share something, which is some seventy tiny files for one command, and opening them takes longer than running them.
import { join, resolve } from "node:path";
import { directSources } from "./direct-imports.mjs";

const ownSource = /[\\/]packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/;

/**
 * `start`: the program's first file; what it loads at once is left as it is. `parts`: lists of files that are loaded on
 * demand. All that one list needs becomes one chunk, and what several need becomes one with the first list's; whoever
 * needs any of it loads all of it.
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

/** Nothing in a group needs what is outside of it, but for groups before it: so groups never wait for each other. */
function groupsOf(read, start, parts) {
  const apart = new Set([...reachable(read, [start]), ...parts.flat()]);
  const needed = parts.map((files) => new Set([...reachable(read, files)].filter((file) => !apart.has(file))));
  const [first = new Set(), ...others] = needed;
  for (const file of others.flatMap((files) => [...files]))
    if (others.filter((files) => files.has(file)).length > 1) first.add(file);
  for (const file of reachable(read, [...first])) if (!apart.has(file)) first.add(file);
  return [[...first], ...others.map((files) => [...files].filter((file) => !first.has(file)))];
}

function reachable(read, files) {
  const found = new Set(files);
  // A set is walked with what is added to it meanwhile.
  for (const file of found) for (const next of read(file).imports) found.add(next);
  return found;
}
