import { createHash, randomBytes } from "node:crypto";
import type { Database } from "./database.ts";

export interface User {
  readonly id: number;
  readonly login: string;
  readonly site_admin: number;
  readonly created_at: number;
}

export type TokenScope = "read" | "write";

/** Who sends a request: the user, and what the token lets that user do. */
export interface Viewer {
  readonly user: User;
  readonly tokenId: number;
  readonly scope: TokenScope;
}

/** Creates the user, or answers the one that has the login already. */
export function ensureUser(db: Database, login: string, siteAdmin: boolean | undefined, now: number): User {
  if (!/^[a-z\d](?:[a-z\d-]{0,38})(?:\[bot\])?$/i.test(login)) {
    throw new Error(
      `login "${login}" is not valid: letters, digits and hyphens, at most 39, optionally ending in [bot]`,
    );
  }
  const flag = siteAdmin === undefined ? null : Number(siteAdmin);
  db.run(
    `insert into users (login, site_admin, created_at) values (@login, coalesce(@flag, 0), @now)
     on conflict (login) do update set site_admin = coalesce(@flag, site_admin)`,
    { login, flag, now },
  );
  return userByLogin(db, login) as User;
}

export function userByLogin(db: Database, login: string): User | undefined {
  return db.get<User>("select * from users where login = @login", { login });
}

export function userById(db: Database, id: number): User {
  const user = db.get<User>("select * from users where id = @id", { id });
  if (!user) throw new Error(`user ${id} is not in the forge's database`);
  return user;
}

/** Makes a token and returns its text; only its hash is kept. */
export function createToken(db: Database, user: User, scope: TokenScope, now: number): string {
  const token = `forge_${randomBytes(20).toString("hex")}`;
  db.run("insert into tokens (user_id, hash, scope, created_at) values (@userId, @hash, @scope, @now)", {
    userId: user.id,
    hash: hashToken(token),
    scope,
    now,
  });
  return token;
}

export function viewerOfToken(db: Database, token: string): Viewer | undefined {
  const row = db.get<{ id: number; user_id: number; scope: TokenScope }>("select * from tokens where hash = @hash", {
    hash: hashToken(token),
  });
  return row && { user: userById(db, row.user_id), tokenId: row.id, scope: row.scope };
}

function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
