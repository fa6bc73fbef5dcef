import {
  hostFile,
  type Log,
  listProfileIds,
  loadHostLimits,
  loadProfile,
  type NotificationRules,
  noNotifications,
  profileFile,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { fileStamp } from "../runtime/file-stamp.ts";
import type { Told } from "./channels.ts";

interface Read<T> {
  readonly stamp: string;
  readonly value: T;
  /** The file is not valid as it is now; `value` is of before. */
  readonly isBroken: boolean;
}

/**
 * Who is told by the files, for whoever works no profiles and so has not read them: a file is read when it changed, and
 * what was good before holds while it is broken.
 */
export class ToldInFiles {
  readonly #around: Pick<CliContext, "home" | "env">;
  readonly #log: Log | null;
  #host: Read<Told["host"]> = { stamp: "", value: { ...noNotifications, dashboardUrl: null }, isBroken: false };
  #profiles = new Map<string, Read<NotificationRules>>();

  constructor(around: Pick<CliContext, "home" | "env">, log: Log | null = null) {
    this.#around = around;
    this.#log = log;
  }

  /** The files that could not be read when they were last looked at, and so may name more channels. */
  get broken(): readonly string[] {
    const { home } = this.#around;
    const profiles = [...this.#profiles].map(([id, read]) => ({ file: profileFile(home, id), ...read }));
    return [{ file: hostFile(home), ...this.#host }, ...profiles].flatMap(({ file, isBroken }) =>
      isBroken ? [file] : [],
    );
  }

  told(): Told {
    const { home, env } = this.#around;
    this.#host = this.#fresh(hostFile(home), this.#host, () => loadHostLimits(home, backends).notifications);
    const known = this.#profiles;
    this.#profiles = new Map(
      listProfileIds(home).map((id) => {
        const before = known.get(id) ?? { stamp: "", value: noNotifications, isBroken: false };
        const load = () => loadProfile(home, id, env, backends).notifications;
        return [id, this.#fresh(profileFile(home, id), before, load)];
      }),
    );
    const profiles = [...this.#profiles].map(([id, { value: notifications }]) => ({ id, notifications }));
    return { host: this.#host.value, profiles };
  }

  #fresh<T>(file: string, before: Read<T>, load: () => T): Read<T> {
    const stamp = fileStamp(file);
    if (stamp === before.stamp) return before;
    try {
      return { stamp, value: load(), isBroken: false };
    } catch (error) {
      this.#log?.warn("who is to be told could not be read; what was read before holds", { file, error });
      return { stamp, value: before.value, isBroken: true };
    }
  }
}
