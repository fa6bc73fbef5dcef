export interface ProfileOptions {
  readonly profileId?: string;
  readonly json?: boolean;
}
