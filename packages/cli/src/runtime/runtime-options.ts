/** What follows `acp runtime …`; each of its commands has some of them. */
export interface RuntimeOptions {
  readonly profileId?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly keepSessions?: boolean;
  readonly check?: boolean;
  readonly dryRun?: boolean;
  readonly explain?: boolean;
  readonly logFile?: boolean;
  readonly disk?: boolean;
  readonly watch?: boolean;
  readonly reason?: string;
  readonly isRestarting?: boolean;
}
