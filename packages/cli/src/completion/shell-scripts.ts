import { allNodes, type CommandNode, type Flag, lastWord } from "./command-tree.ts";

export type Shell = "bash" | "zsh" | "fish";

/** A script that teaches the shell every command, flag and choice, and looks up profile ids when it is asked for one. */
export function completionScript(shell: Shell, root: CommandNode): string {
  if (shell === "fish") return fishScript(root);
  // zsh runs what is written for bash; a path of its own would have to say all of this a second time.
  return shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${bashScript(root)}` : bashScript(root);
}

const programs = ["acp", "agent-control-plane"];
/** Where the installed profiles are; asked at the moment of completing, without starting the program. */
const profileIds = `ls "\${AGENT_RUNTIME_HOME:-$HOME/.agent-runtime}/control-plane/profiles" 2>/dev/null`;

function bashScript(root: CommandNode): string {
  const nodes = allNodes(root);
  const flags = flagsOf(nodes);
  const valued = [...flags.values()].filter(({ takesValue }) => takesValue);
  const choices = nodes.flatMap(({ path, flags: own }) =>
    own
      .filter((flag) => flag.choices.length > 0)
      .map((flag) => `    "${path}/${flag.name}") echo "${flag.choices.join(" ")}" ;;`),
  );
  return `# Completion of acp. In ~/.bashrc: eval "$(acp completion bash)"
_acp_commands() {
  case "$1" in
${nodes
  .filter(({ commands }) => commands.length > 0)
  .map(({ path, commands }) => `    "${path}") echo "${commands.map(lastWord).join(" ")}" ;;`)
  .join("\n")}
  esac
}
_acp_flags() {
  case "$1" in
${nodes.map(({ path, flags: own }) => `    "${path}") echo "${own.map(({ name }) => name).join(" ")}" ;;`).join("\n")}
  esac
}
_acp_takes_value() {
  case "$1" in
    ${valued.map(({ name }) => name).join("|")}) return 0 ;;
  esac
  return 1
}
_acp_values() {
  case "$1" in
    */--profile-id) ${profileIds} ;;
${choices.join("\n")}
  esac
}
_acp() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if _acp_takes_value "$word"; then i=$((i + 1)); continue; fi
    case " $(_acp_commands "$path") " in
      *" $word "*) path="\${path:+$path }$word" ;;
    esac
  done
  if _acp_takes_value "$before"; then
    COMPREPLY=($(compgen -W "$(_acp_values "$path/$before")" -- "$cur"))
  elif [[ "$cur" == -* ]]; then
    COMPREPLY=($(compgen -W "$(_acp_flags "$path")" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$(_acp_commands "$path")" -- "$cur"))
  fi
}
complete -o default -F _acp ${programs.join(" ")}
`;
}

/** By name; the same flag takes a value everywhere or nowhere. */
const flagsOf = (nodes: readonly CommandNode[]): ReadonlyMap<string, Flag> =>
  new Map(nodes.flatMap(({ flags }) => flags).map((flag) => [flag.name, flag]));

function fishScript(root: CommandNode): string {
  const lines = allNodes(root).flatMap((node) => [
    ...node.commands.map((each) => fishLine(node.path, `-f -a ${lastWord(each)}`, each.description)),
    ...node.flags.map((flag) => fishLine(node.path, fishFlag(flag), flag.description)),
  ]);
  return `# Completion of acp. Save it as ~/.config/fish/completions/acp.fish
function __acp_at
  set -l words (string match -v -- '-*' (commandline -opc)[2..])
  set -l wanted (string split -n ' ' -- $argv[1])
  test (count $wanted) -eq 0; and test (count $words) -eq 0; and return 0
  test (count $wanted) -gt 0; or return 1
  test "$words[1..$(count $wanted)]" = "$argv[1]" 2>/dev/null
end
function __acp_profiles
  set -l home $HOME/.agent-runtime
  set -q AGENT_RUNTIME_HOME; and set home $AGENT_RUNTIME_HOME
  ls $home/control-plane/profiles 2>/dev/null
end
${lines.join("\n")}
complete -c agent-control-plane -w acp
`;
}

function fishFlag({ name, takesValue, choices }: Flag): string {
  const values =
    name === "--profile-id" ? " -x -a '(__acp_profiles)'" : choices.length > 0 ? ` -x -a '${choices.join(" ")}'` : "";
  return `-l ${name.slice(2)}${values || (takesValue ? " -r" : "")}`;
}

const fishLine = (path: string, what: string, description: string): string =>
  `complete -c acp -n "__acp_at '${path}'" ${what} -d '${description.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
