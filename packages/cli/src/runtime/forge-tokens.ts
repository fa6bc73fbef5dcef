/** A person's own tokens, whichever forge is worked with: a variable that is passed on may hold one of them. */
export function forgeTokensIn(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    /^(GH|GITHUB)_(.*_)?TOKEN$/.test(name) && value ? [value] : [],
  );
}
