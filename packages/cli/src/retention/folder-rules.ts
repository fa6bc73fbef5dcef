/**
 * Everything that lies on the disk with what bounds it; docs/retention.md says the same. Tests compare this list with the
 * page, and with what a worked issue leaves below a runtime home: a file without a rule grows for ever.
 */
export interface FolderRule {
  readonly name: string;
  /** Below which folder: the runtime home, one of a profile's own, or the system's folder for temporary files. */
  readonly root: "home" | "anchor" | "worktrees" | "runs" | "temporary";
  /** Paths from that folder, folders with a slash at their end for all that is in them. The first rule that fits holds. */
  readonly paths: RegExp;
  readonly rule: string;
}

export const folderRules: readonly FolderRule[] = [
  {
    name: "store",
    root: "home",
    paths: /^state\/control-plane\.db(-wal|-shm)?$/,
    rule: "by its tables; freed space is used again, and given back by `acp store compact`",
  },
  {
    name: "dashboard-login",
    root: "home",
    paths: /^state\/dashboard-login-\d+$/,
    rule: "the one-time address of a dashboard that runs, one file of each; goes when it ends, or with the next `acp dashboard-login`",
  },
  {
    name: "asked",
    root: "home",
    paths: /^state\/asked\//,
    rule: "an empty file for each profile that is to be looked at now; whoever serves it takes it away",
  },
  {
    name: "logs",
    root: "home",
    paths: /^logs\/[a-z-]+\.log(\.\d+|\.lock)?$/,
    rule: "rotated at `retention.logs.size_mb`, `retention.logs.files` full ones are kept",
  },
  {
    name: "output",
    root: "home",
    paths: /^logs\/.*(\.out|\.log\.err)$/,
    rule: "last words of processes in the background: empty ones go with the process, others after 7 days; 1 MB each",
  },
  {
    name: "backups",
    root: "home",
    paths: /^backups\//,
    rule: "copies of the database: `retention.backups.days` days, at most `retention.backups.count`, the newest one stays; what was saved of removed profiles is yours",
  },
  {
    name: "versions",
    root: "home",
    paths: /^runtime-home\//,
    rule: "installed versions of the program, one folder each; `acp versions prune` removes those that nothing needs",
  },
  {
    name: "settings",
    root: "home",
    // The mark says that a folder was made for a profile, and goes with it.
    paths: /^(host\.yaml$|control-plane\/|projects\/[^/]+\/\.acp-owned$)/,
    rule: "profiles and host.yaml are yours; `acp profile remove`",
  },
  {
    name: "flows",
    root: "home",
    paths: /^flows\/(f[0-9a-z]+\/|webhook-secret$)/,
    rule: "folders of flows, with their mailboxes and what each attempt left: a folder goes a day after its flow's rows; the key that webhooks are signed with stays",
  },
  {
    name: "local-forge",
    root: "home",
    paths: /^local-forge\//,
    rule: "repositories, issues and pull requests of the local forge are yours, as they would be on GitHub",
  },
  {
    name: "anchor",
    root: "anchor",
    paths: /(?:)/,
    rule: "of runs: the refs go when their item is closed and `retention.runs.days` passed, if their work was published or superseded; saved work goes `retention.rescue_days` after it was saved, once it is part of the base branch, and stays otherwise; packed when it has become many files, at most once a day; objects without a ref go after 14 days",
  },
  {
    name: "pool",
    root: "worktrees",
    paths: /^\.pool\//,
    rule: "2 trees of retired worktrees; none while the disk is short",
  },
  {
    name: "worktrees",
    root: "worktrees",
    paths: /(?:)/,
    rule: "of open sessions; retired when the session is concluded, unsaved work is kept in the anchor",
  },
  {
    name: "history",
    root: "runs",
    paths: /^history\//,
    rule: "`retention.runs.days` days, at most `retention.runs.count` folders and `retention.runs.size_mb` for each profile",
  },
  {
    name: "conversations",
    root: "runs",
    paths: /^conversations\//,
    rule: "of open items: by `execution.resume`; go when the item is closed",
  },
  {
    name: "runs",
    root: "runs",
    paths: /(?:)/,
    rule: "of open tasks; 20 MB for each of a session's two streams; go to the history when the task is over, without home, caches and temporary files of the session",
  },
  {
    name: "temporary",
    root: "temporary",
    paths: /^acp-(health|demo|smoke|doctor)-/,
    rule: "removed by who made them; what a crash left goes within the hour, by the mark in it",
  },
];
