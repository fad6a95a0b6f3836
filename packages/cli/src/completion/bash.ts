import type { CommandGrammar, Flag, Grammar, Operand } from '../completion.ts'

/** For bash 3.2 and newer, without the bash-completion package. */
export function bashCompletion({ program, options, commands }: Grammar): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# Completion of ${program} for bash. In ~/.bashrc:  source <(${program} completion bash)

_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= word
  COMPREPLY=()
  # bash makes three words of --option=value
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word != -* ]]; then
      command=$word
      break
    fi
  done
  case "$command $prev" in
${commands.flatMap((command) => values(program, command)).join('\n')}
  esac
  case $command in
  '') _${program}_words '${names}' '${flags(options)}' ;;
${commands.map((command) => operands(program, command)).join('\n')}
  esac
}

# Words for the word that is typed, options only after a dash.
_${program}_words() {
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$2" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
  fi
}

_${program}_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$cur"))
}

complete -F _${program} ${program}
`
}

function values(program: string, { name, options }: CommandGrammar): string[] {
  return options.flatMap(({ long, value }) =>
    value === undefined ? [] : [`  '${name} ${long}') ${completing(program, value)}return ;;`],
  )
}

function completing(program: string, { kind, choices }: Operand): string {
  if (kind === 'choice') return `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur")); `
  return kind === 'file' ? `_${program}_files; ` : ''
}

function operands(program: string, { name, options, arguments: all }: CommandGrammar): string {
  const words = all.flatMap(({ choices }) => choices).join(' ')
  const files = all.some(({ kind }) => kind === 'file') ? `; [[ $cur == -* ]] || _${program}_files` : ''
  return `  ${name}) _${program}_words '${words}' '${flags(options)}'${files} ;;`
}

function flags(options: readonly Flag[]): string {
  return options.map(({ long }) => long).join(' ')
}
