// The scripts themselves. Each has all flags and values in it, so that pressing Tab starts axbuild for goals alone.

export interface CompletedFlag {
  readonly flag: string;
  readonly about: string;
  readonly takes: 'nothing' | 'text' | 'files' | readonly string[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly words: 'goals' | 'files' | readonly string[];
  readonly flags: readonly CompletedFlag[];
}

export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# bash completion of axbuild: eval "$(axbuild completion bash)"
_axbuild() {
  # bash cuts words at @, = and : as well: put the word together again, and give back what stands behind the last cut.
  local i=$COMP_CWORD cur="\${COMP_WORDS[COMP_CWORD]}" prev command="\${COMP_WORDS[1]}" taken='' words='' flags='' files=''
  while ((i > 2)) && [[ "\${COMP_WORDS[i]}" =~ ^[@=:]+$ || "\${COMP_WORDS[i-1]}" =~ ^[@=:]+$ ]]; do
    ((i--))
    cur="\${COMP_WORDS[i]}$cur"
  done
  prev="\${COMP_WORDS[i-1]}"
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$cur"))
    return
  fi
  case "$command $prev" in
${cases(commands, ({ takes }) => (Array.isArray(takes) ? `words='${takes.join(' ')}'` : takes === 'files' ? 'files=1' : takes === 'text' ? 'return' : undefined))}
    *)
      case "$command" in
${commands.map(({ name, words, flags }) => `        ${name}) flags='${flags.map(({ flag }) => flag).join(' ')}'; ${words === 'files' ? 'files=1' : words === 'goals' ? '[[ "$cur" == -* ]] || words="$(axbuild completion goals 2>/dev/null)"' : `words='${words.join(' ')}'`} ;;`).join('\n')}
      esac ;;
  esac
  if [[ "$cur" == -* && -n "$flags" ]]; then words="$flags" files=''; fi
  if [[ -n "$files" ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
  taken="\${cur%"\${COMP_WORDS[COMP_CWORD]}"}"
  [[ "\${COMP_WORDS[COMP_CWORD]}" =~ ^[@=:]+$ ]] && taken="$cur"
  COMPREPLY=("\${COMPREPLY[@]#"$taken"}")
}
complete -F _axbuild axbuild
`;
}

/** One line for all flags of one command that take the same. */
function cases(commands: readonly CompletedCommand[], act: (flag: CompletedFlag) => string | undefined): string {
  return commands.flatMap(({ name, flags }) => {
    const byAct = new Map<string, string[]>();
    for (const flag of flags) {
      const done = act(flag);
      if (done !== undefined) byAct.set(done, [...(byAct.get(done) ?? []), `"${name} ${flag.flag}"`]);
    }
    return [...byAct].map(([done, patterns]) => `    ${patterns.join('|')}) ${done} ;;`);
  }).join('\n');
}

export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef axbuild
# zsh completion of axbuild: source <(axbuild completion zsh)
_axbuild() {
  local command=\${words[2]} prev=\${words[CURRENT-1]} cur=\${words[CURRENT]}
  local -a described
  if ((CURRENT == 2)); then
    described=(${commands.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ')})
    _describe command described
    return
  fi
  case "$command $prev" in
${cases(commands, ({ takes }) => (Array.isArray(takes) ? `compadd -- ${takes.join(' ')}; return` : takes === 'files' ? '_files; return' : takes === 'text' ? 'return' : undefined))}
  esac
  if [[ "$cur" == -* ]]; then
    case "$command" in
${commands.map(({ name, flags }) => `      ${name}) compadd -- ${flags.map(({ flag }) => flag).join(' ')} ;;`).join('\n')}
    esac
    return
  fi
  case "$command" in
${commands.map(({ name, words }) => `    ${name}) ${words === 'files' ? '_files' : words === 'goals' ? 'compadd -- \${(f)"$(axbuild completion goals 2>/dev/null)"}' : words.length === 0 ? 'return' : `compadd -- ${words.join(' ')}`} ;;`).join('\n')}
  esac
}
compdef _axbuild axbuild
`;
}

export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, about, words, flags }) => {
    const here = `complete -c axbuild -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c axbuild -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
      ...(words === 'files' ? [] : [`${here} -f${words === 'goals' ? " -a '(axbuild completion goals 2>/dev/null)'" : words.length === 0 ? '' : ` -a '${words.join(' ')}'`}`]),
      ...flags.map(({ flag, about: what, takes }) => `${here} -l ${flag.slice(2)}${takes === 'nothing' ? '' : takes === 'files' ? ' -r -F' : takes === 'text' ? ' -x' : ` -x -a '${takes.join(' ')}'`} -d ${quoted(what)}`),
    ];
  });
  return `# fish completion of axbuild: axbuild completion fish | source\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
