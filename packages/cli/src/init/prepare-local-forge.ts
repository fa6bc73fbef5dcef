import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSecrets, type Profile, rememberSecret } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { ensureLocalForge, localForgeData } from "../local-forge/ensure-local-forge.ts";

/** Who acts on the local forge: the person at this machine, and the account whose token the runtime uses. */
const localPeople = { operator: "operator", agent: "acp-agent" } as const;

/**
 * Puts the profile's repository on the local forge, copied from the checkout when there is one, which is only read.
 * Answers the runtime's token. Safe to repeat: what is there stays.
 */
export async function prepareLocalForge(context: CliContext, profile: Profile): Promise<string> {
  const { admin } = await ensureLocalForge(context);
  await admin.createUser({ login: localPeople.operator, siteAdmin: true });
  await admin.createUser({ login: localPeople.agent });
  await operatorToken(context);
  const { owner, name, root, slug, defaultBranch } = profile.repo;
  try {
    await admin.createRepository({
      owner,
      name,
      ...(root ? { importFrom: root } : {}),
      ...(defaultBranch ? { defaultBranch } : {}),
    });
  } catch (error) {
    if (!(error instanceof Error && /exists already/.test(error.message))) throw error;
  }
  await admin.setPermission(slug, localPeople.operator, "admin");
  await admin.setPermission(slug, localPeople.agent, "write");
  return (
    loadSecrets(context.home, profile.id).GITHUB_TOKEN ??
    admin.createToken({ login: localPeople.agent, scopes: "write" })
  );
}

/** The person's own token for the local forge, made once and kept private beside the forge's data. */
export async function operatorToken(context: Pick<CliContext, "home" | "env">): Promise<string> {
  const file = join(localForgeData(context.home), "operator-token");
  if (existsSync(file)) return remembered(readFileSync(file, "utf8").trim());
  const { admin } = await ensureLocalForge(context);
  await admin.createUser({ login: localPeople.operator, siteAdmin: true });
  const token = await admin.createToken({ login: localPeople.operator, scopes: "write" });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return remembered(token);
}

function remembered(token: string): string {
  rememberSecret(token);
  return token;
}
