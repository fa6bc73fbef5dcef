import type { ChangedFile } from "../../domain/evidence.ts";

/** By the lockfile's name: what a person edits to have it change. */
const manifests: ReadonlyMap<string, RegExp> = new Map([
  ...["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"].map(
    (name) => [name, /^(package\.json|pnpm-workspace\.yaml|\.yarnrc\.yml)$/] as const,
  ),
  ...["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"].map((name) => [name, /^(pyproject|uv)\.toml$/] as const),
  ["Pipfile.lock", /^Pipfile$/],
  ["Cargo.lock", /^Cargo\.toml$/],
  ["go.sum", /^go\.(mod|work)$/],
  ["go.work.sum", /^go\.(mod|work)$/],
  ["Gemfile.lock", /^Gemfile$|^gems\.rb$|\.gemspec$/],
  ["composer.lock", /^composer\.json$/],
  ["mix.lock", /^mix\.exs$/],
  ["pubspec.lock", /^pubspec\.yaml$/],
  ["Podfile.lock", /^Podfile$|\.podspec$/],
  ["Package.resolved", /^Package\.swift$/],
  ["flake.lock", /^flake\.nix$/],
  ["packages.lock.json", /\.(cs|fs|vb)proj$|^Directory\.(Packages|Build)\.props$/],
  ["gradle.lockfile", /\.gradle(\.kts)?$|^libs\.versions\.toml$/],
  ["deno.lock", /^deno\.jsonc?$|^package\.json$/],
]);

/**
 * Changed lockfiles with no changed manifest in their folder or below it: what is installed changes, and nobody asked for
 * it by name.
 */
export function lockfilesAlone(files: readonly ChangedFile[]): readonly string[] {
  const paths = files.map(({ path }) => path);
  return paths.filter((path) => {
    const manifest = manifests.get(nameOf(path));
    if (!manifest) return false;
    const folder = path.slice(0, path.length - nameOf(path).length);
    return !paths.some((other) => other.startsWith(folder) && manifest.test(nameOf(other)));
  });
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
