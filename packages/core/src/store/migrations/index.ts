import { sql as firstSchema } from "./0001-first-schema.ts";
import { sql as lanes } from "./0002-lanes.ts";
import { sql as publishing } from "./0003-publishing.ts";
import { sql as backends } from "./0004-backends.ts";
import { sql as upkeep } from "./0005-upkeep.ts";
import { sql as flows } from "./0006-flows.ts";
import { sql as dashboard } from "./0007-dashboard.ts";
import { sql as notifications } from "./0008-notifications.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * In order, numbered from 1 without gaps. Forward only; a released one is never edited.
 * They are TypeScript files that export one SQL text, and not .sql files: neither tsc nor esbuild copies a .sql file,
 * and the published package is one bundle.
 */
export const migrations: readonly Migration[] = [
  { number: 1, name: "first-schema", sql: firstSchema },
  { number: 2, name: "lanes", sql: lanes },
  { number: 3, name: "publishing", sql: publishing },
  { number: 4, name: "backends", sql: backends },
  { number: 5, name: "upkeep", sql: upkeep },
  { number: 6, name: "flows", sql: flows },
  { number: 7, name: "dashboard", sql: dashboard },
  { number: 8, name: "notifications", sql: notifications },
];
