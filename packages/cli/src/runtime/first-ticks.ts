/** What the first tick of each profile found; `forge` is `seen` or a reason code, `error` a tick that failed. */
export type FirstTicks = {
  readonly [profileId: string]: {
    readonly forge?: string;
    readonly forgeDetail?: string | null;
    readonly error?: string;
  };
};
