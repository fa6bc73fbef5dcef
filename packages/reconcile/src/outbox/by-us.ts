/** Of whatever was written on the forge: by whom. */
export interface Authored {
  readonly author: string;
  readonly isBot: boolean;
}

/**
 * A mark of ours proves nothing by itself: anyone may quote it. It counts in what we wrote ourselves; where the forge
 * does not say who we are (`login` null: a GitHub App), in what an app wrote. (The weakness: were the token exchanged
 * for another account's between the send and this look, we would not know our own again.)
 */
export function isByUs(login: string | null, { author, isBot }: Authored): boolean {
  return login === null ? isBot : author === login;
}
