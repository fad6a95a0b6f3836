import type { CommandGrammar, Flag, Grammar, Operand } from '../completion.ts'

/** For zsh with compinit: sourced, or as a file `_relucent` in `$fpath`. */
export function zshCompletion({ program, options, commands }: Grammar): string {
  return `#compdef ${program}
# Completion of ${program} for zsh. In ~/.zshrc, after compinit:  source <(${program} completion zsh)

_${program}() {
  local context state line
  local -a commands
  _arguments -C \\
${options.map((flag) => `    ${flagSpec(flag)} \\\n`).join('')}    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
  command)
    commands=(
${commands.map(({ name, about }) => `      ${quote(`${name}:${about}`)}\n`).join('')}    )
    _describe command commands
    ;;
  argument)
    case $words[1] in
${commands.map(commandCase).join('\n')}
    esac
    ;;
  esac
}

if [ "$funcstack[1]" = _${program} ]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`
}

function commandCase({ name, options, arguments: all }: CommandGrammar): string {
  const specs = [...options.map(flagSpec), ...all.map((operand, k) => quote(`${k + 1}:${operandSpec(operand)}`))]
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(' \\\n')}\n      ;;`
}

function flagSpec({ long, about, value }: Flag): string {
  const text = about.replaceAll(/[[\]\\:]/g, String.raw`\\$&`)
  return quote(value === undefined ? `${long}[${text}]` : `${long}=[${text}]:${operandSpec(value)}`)
}

function operandSpec({ name, kind, choices }: Operand): string {
  if (kind === 'choice') return `${name}:(${choices.join(' ')})`
  return kind === 'file' ? `${name}:_files` : `${name}: `
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
