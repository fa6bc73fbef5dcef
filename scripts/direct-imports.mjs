// What our code imports through an index file, as imports from the files that define it. Chunks are made of whole files,
// and through one index every chunk would hold on to all that anybody takes from it.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const scope = "@agent-control-plane/";

/**
 * Reads source files of ours: `read(path)` answers `{ text, imports }`, the source with its imports led past index files,
 * and the files of ours that it loads with it. An import that cannot be followed stays as it is.
 */
export function directSources(root) {
  const { fileOf, originOf } = originsIn(root);
  const known = new Map();
  return (path) => {
    const found = known.get(path) ?? read(path);
    known.set(path, found);
    return found;
  };

  function read(path) {
    const source = readFileSync(path, "utf8");
    const text = source.replace(/^import \{([^}]*)\} from "([^"]+)";$/gm, (statement, names, specifier) => {
      const file = fileOf(specifier, path);
      if (file === null) return statement;
      const imports = valuesIn(names).map(({ name, as }) => {
        const origin = originOf(name, file) ?? { file, name };
        return `import { ${origin.name} as ${as} } from ${JSON.stringify(origin.file)};`;
      });
      return imports.join(" ");
    });
    const loaded = text.matchAll(/(?<=^|; )(?:import|export) (?!type )(?:[^"';]* from )?"([^"]+)";/gm);
    const imports = [...loaded].flatMap(([, specifier]) =>
      specifier.startsWith("/") ? specifier : (fileOf(specifier, path) ?? []),
    );
    return { text, imports };
  }
}

function originsIn(root) {
  const known = new Map();
  return { fileOf, originOf };

  /** The file of ours that an import means; null for a package of others. */
  function fileOf(specifier, importer) {
    if (specifier.startsWith(".")) return specifier.endsWith(".ts") ? resolve(dirname(importer), specifier) : null;
    if (!specifier.startsWith(scope)) return null;
    const [name, ...below] = specifier.slice(scope.length).split("/");
    const folder = join(root, "packages", name);
    const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const entry = exports[[".", ...below].join("/")];
    return entry === undefined ? null : join(folder, entry);
  }

  /** Where a name that this file exports is defined, and as what; null when that is not seen. */
  function originOf(name, file) {
    if (!existsSync(file)) return null;
    const { defined, from, stars } = exportsOf(file);
    if (defined.has(name)) return { file, name };
    const there = from.get(name);
    if (there) return originOf(there.name, there.file) ?? there;
    for (const star of stars) {
      const origin = originOf(name, star);
      if (origin) return origin;
    }
    return null;
  }

  function exportsOf(file) {
    const found = known.get(file) ?? readExports(file);
    known.set(file, found);
    return found;
  }

  function readExports(file) {
    const text = readFileSync(file, "utf8");
    const declared = text.matchAll(/^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm);
    const defined = new Set([...declared].map(([, name]) => name));
    const from = new Map();
    for (const [, names, specifier] of text.matchAll(/^export \{([^}]*)\}(?: from "([^"]+)")?;$/gm)) {
      const there = specifier === undefined ? file : fileOf(specifier, file);
      for (const { name, as } of valuesIn(names)) {
        if (specifier === undefined) defined.add(as);
        else if (there !== null) from.set(as, { file: there, name });
      }
    }
    const stars = [...text.matchAll(/^export \* from "([^"]+)";$/gm)].flatMap(([, specifier]) => {
      const there = fileOf(specifier, file);
      return there === null ? [] : [there];
    });
    return { defined, from, stars };
  }
}

/** `a, type B, c as d` -> a and c; types are gone when the program runs. */
function valuesIn(names) {
  return names
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "" && !each.startsWith("type "))
    .map((each) => each.split(" as "))
    .map(([name, as = name]) => ({ name, as }));
}
