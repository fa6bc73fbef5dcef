import { UserError } from "@agent-control-plane/core";
import { backendNamed, checkBackend } from "@agent-control-plane/runners/backends";
import { type ScriptedModel, startScriptedModel, type Wish, writing } from "@agent-control-plane/scripted-model";
import type { DemoIssue } from "./demo-issues.ts";

/** The scripted model of a demo with a real agent program: it knows the answers beforehand, the program does the work. */
export function startDemoModel(issues: readonly DemoIssue[], now: () => number): Promise<ScriptedModel> {
  return startScriptedModel({
    now,
    script: (asked) => {
      // A title alone is also in the history that a program tells its model of.
      const issue = issues.find(({ title, body }) => asked.text.includes(title) && asked.text.includes(body));
      return issue ? { wishes: [solving(issue)], finalText: `Wrote ${Object.keys(issue.files).join(" and ")}.` } : {};
    },
  });
}

/** The files of the issue, and the result file that the host reads. */
function solving(issue: DemoIssue): Wish {
  const summary = `Wrote ${Object.keys(issue.files).join(" and ")}.`;
  const result = JSON.stringify({ outcome: "implemented", summary, pr_title: issue.title });
  return writing({ ...issue.files, ".acp/result.json": `${result}\n` });
}

/** Throws a `UserError` when the backend's program is not here, or when it asks no model. */
export async function agentVersion(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const backend = backendNamed(name);
  const parsed = backend.settings.parse({});
  if (!("base_url" in parsed)) throw new UserError(`The backend ${name} asks no model; leave out --scripted-model.`);
  const own = { PATH: env.PATH ?? "", HOME: env.HOME ?? "" };
  // Some take ten seconds for it on a busy machine.
  const health = await checkBackend({ backend, settings: parsed, env: own, timeoutMs: 60_000 });
  if (!health.ok) throw new UserError(health.problem);
  return health.version;
}

/** A variable of the session, not a secret: the model asks for no key, the programs will not start without one. */
export const demoKey = { name: "DEMO_MODEL_KEY", value: "none-is-needed" } as const;

/** Points a backend at the model: its part of the profile. */
export function demoSettings(backend: string, model: ScriptedModel): Readonly<Record<string, string>> {
  const url = model.url("success");
  const own = asVendorsUrl.includes(backend) ? url : `${url}/v1`;
  return {
    base_url: own,
    api_key_env: demoKey.name,
    ...(hasOwnModel.includes(backend) ? {} : { model: "scripted/model" }),
  };
}

/** Backends whose address is that of a vendor; for the others it is that of an OpenAI-compatible API. */
const asVendorsUrl = ["claude", "gemini", "ollama"];
/** Backends whose usual model the scripted one may play. */
const hasOwnModel = ["claude", "codex", "gemini", "ollama"];
