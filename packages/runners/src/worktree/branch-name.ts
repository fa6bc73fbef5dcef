/** The branch of one session's work: made from ids of ours only, never from text somebody wrote. */
export function branchName(of: {
  readonly profileId: string;
  readonly issueNumber: number;
  readonly sessionId: string;
}): string {
  if (!Number.isSafeInteger(of.issueNumber) || of.issueNumber < 1) {
    throw new RangeError(`issue number ${of.issueNumber}: expected a positive integer`);
  }
  return `agent/${slug(of.profileId)}/issue-${of.issueNumber}-${slug(of.sessionId)}`;
}

/** True for names that are safe as a ref, a path and an argument. Stricter than git. */
export function isBranchName(name: string): boolean {
  return (
    name.length <= 200 &&
    /^[A-Za-z0-9_]/.test(name) &&
    /^[A-Za-z0-9._/+#@=-]+$/.test(name) &&
    !/\.\.|\/\/|\/\.|@\{|\.lock(\/|$)|[/.]$/.test(name)
  );
}

function slug(id: string): string {
  const made = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  if (made === "") throw new RangeError(`id ${JSON.stringify(id)}: expected letters or digits`);
  return made;
}
