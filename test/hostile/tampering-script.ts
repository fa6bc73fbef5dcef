import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a worker that does honest work, commits it with attributes and submodules that name programs, and then
 * rewrites everything git takes orders from: in its own repository, and in the host's, which the file of alternates
 * names. Each order would touch a file in `canary`. A copy of the tampered worktree stays at `witness`.
 * Answers the shell command that runs it.
 */
export function writeTamperingWorker(folder: string, { canary, witness }: { canary: string; witness: string }): string {
  const file = join(folder, "tampering-worker.sh");
  writeFileSync(
    file,
    `set -e
echo "for issue $ACP_ISSUE_NUMBER" > "work-$ACP_ISSUE_NUMBER.txt"
case "$ACP_ISSUE_TITLE" in Tamper*) ;; *) exit 0 ;; esac
printf '* filter=evil diff=evil merge=evil\\n' > .gitattributes
printf '[submodule "x"]\\n\\tpath = x\\n\\turl = ext::sh -c touch%% ${canary}/submodule\\n\\tupdate = !touch ${canary}/update\\n' > .gitmodules
git add --all
git commit --quiet --message="real work"
echo "not committed" > left.txt
objects=$(cat .git/objects/info/alternates)
anchor=\${objects%/objects}
start=$(git rev-parse HEAD~1)
other=$(echo replaced | git --git-dir="$anchor" -c user.name=x -c user.email=x@y commit-tree "$start^{tree}")

plant() {
  mkdir -p "$1/hooks" "$1/info"
  for hook in pre-commit post-commit post-checkout post-merge pre-push pre-receive update post-receive post-update \\
    reference-transaction post-index-change pre-auto-gc proc-receive fsmonitor-watchman; do
    printf '#!/bin/sh\\ntouch "${canary}/%s-hook-%s"\\n' "$2" "$hook" > "$1/hooks/$hook"
    chmod +x "$1/hooks/$hook"
  done
  for key in core.fsmonitor core.sshCommand core.gitProxy core.askPass core.editor core.pager core.alternateRefsCommand \\
    diff.external filter.evil.clean filter.evil.smudge filter.evil.process diff.evil.command diff.evil.textconv \\
    merge.evil.driver uploadpack.packObjectsHook gpg.program remote.origin.uploadpack remote.origin.receivepack; do
    git config --file "$1/config" "$key" "touch '${canary}/$2-$key';"
  done
  for name in status fetch push rev-parse read-tree; do
    git config --file "$1/config" "alias.$name" "!touch ${canary}/$2-alias-$name"
  done
  git config --file "$1/config" credential.helper "!touch ${canary}/$2-credential;"
  git config --file "$1/config" filter.evil.required true
  git config --file "$1/config" core.hooksPath "$1/hooks"
  git config --file "$1/config" commit.gpgSign true
  git config --file "$1/config" protocol.allow always
  git config --file "$1/config" "url.ext::sh -c touch% ${canary}/$2-insteadof% .insteadOf" "http://"
  git config --file "$1/config" extensions.worktreeConfig true
  git config --file "$1/config.worktree" core.fsmonitor "touch '${canary}/$2-worktree-config';"
  git config --file "${folder}/included" core.fsmonitor "touch '${canary}/$2-included';"
  git config --file "$1/config" include.path "${folder}/included"
  printf '* filter=evil diff=evil merge=evil\\n' > "$1/info/attributes"
}
plant .git own
mkdir -p "$anchor/refs/replace" "$anchor/info"
echo "$other" > "$anchor/refs/replace/$start"
echo "$start" > "$anchor/info/grafts"
plant "$anchor" anchor
cp -a . "${witness}"
`,
  );
  return `exec /bin/sh "${file}"`;
}
