/** What a person does about it. Others than these say that the program is wrong, and are reported as such. */
const fixes: Readonly<Record<string, string>> = {
  EACCES: "Check whose it is, and its permissions",
  EPERM: "Check whose it is, and its permissions",
  EROFS: "Its file system can only be read. Mount it for writing, or work elsewhere",
  ENOSPC: "Make room on that disk",
  EDQUOT: "Make room: your quota on that disk is used up",
  ENOTDIR: "One of its folders is a file. Move that away",
  EISDIR: "It is a folder, and should be a file. Move it away",
  ELOOP: "Its links lead back to themselves. Remove one of them",
  ENAMETOOLONG: "Choose a shorter path",
};

/**
 * Pure. A file or folder that the system would not let us use, in words with what to do; null for any other error. The
 * system's own words name what was tried on which path.
 */
export function inWords(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const fix = code === undefined || path === undefined ? undefined : fixes[code];
  return fix === undefined ? null : `${message}. ${fix}; AGENT_RUNTIME_HOME names another runtime home.`;
}
