/** Of the system: it has no room, memory, places for files or processes left, or its disk fails. */
const ofTheHost: ReadonlySet<string> = new Set([
  ...["ENOSPC", "EDQUOT", "EIO", "ESTALE", "ENOMEM", "EMFILE", "ENFILE", "EAGAIN", "EBUSY", "ENOBUFS", "EINTR"],
]);

/** A task that fails because of this may well succeed later, on this host or another. */
export const isHostTrouble = (error: unknown): boolean => ofTheHost.has(codeOf(error));

/**
 * What the task asked for cannot be had, now or later: its folder is a file, its arguments are too long, what it left cannot
 * be copied. Everything that is neither this nor the host's trouble is ours, and is taken for trouble.
 */
export const isTasksFault = (error: unknown): boolean => ofTheTask.test(codeOf(error));

const ofTheTask =
  /^(?:E2BIG|EACCES|EEXIST|EINVAL|EISDIR|ELOOP|ENAMETOOLONG|ENOENT|ENOEXEC|ENOTDIR|ENOTEMPTY|ENXIO|EPERM|EROFS|ETXTBSY|EXDEV|ERR_FS_.*)$/;

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
