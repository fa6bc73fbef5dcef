import type { Permission } from "../../domain/reading.ts";

export interface PermissionStore {
  put(profileId: string, permission: Permission): Promise<void>;
  list(profileId: string): Promise<readonly Permission[]>;
}
