/** Pure: throws an Error that says what a repository may be called. */
export function refuseBadName(name: string): void {
  if (/^(?!\.{1,2}$)(?!.*\.git$)[\w.-]{1,100}$/.test(name)) return;
  throw new Error(`repository name "${name}" is not valid: letters, digits, ".", "_" and "-", not ending in .git`);
}
