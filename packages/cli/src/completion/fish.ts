import type { CommandGrammar, Flag, Grammar } from '../completion.ts'

/** For fish 3 and newer: piped to `source`, or as a file in `~/.config/fish/completions`. */
export function fishCompletion({ program, options, commands }: Grammar): string {
  const none = quote(`__${program}_command_is ''`)
  return `# Completion of ${program} for fish:  ${program} completion fish > ~/.config/fish/completions/${program}.fish

function __${program}_command_is -a name
    set -l words (commandline -opc)
    test "$words[2..2]" = "$name"
end

complete -c ${program} -f
${options.map((flag) => flagLine(program, none, flag)).join('\n')}
${commands.map(({ name, about }) => `complete -c ${program} -n ${none} -a ${name} -d ${quote(about)}`).join('\n')}
${commands.flatMap((command) => commandLines(program, command)).join('\n')}
`
}

function commandLines(program: string, { name, options, arguments: all }: CommandGrammar): string[] {
  const condition = quote(`__${program}_command_is ${name}`)
  const words = all.flatMap(({ choices }) => choices).join(' ')
  return [
    ...options.map((flag) => flagLine(program, condition, flag)),
    ...(all.some(({ kind }) => kind === 'file') ? [`complete -c ${program} -n ${condition} -F`] : []),
    ...(words === '' ? [] : [`complete -c ${program} -n ${condition} -a ${quote(words)}`]),
  ]
}

function flagLine(program: string, condition: string, { long, about, value }: Flag): string {
  const line = `complete -c ${program} -n ${condition} -l ${long.slice(2)} -d ${quote(about)}`
  if (value === undefined) return line
  if (value.kind === 'choice') return `${line} -x -a ${quote(value.choices.join(' '))}`
  return value.kind === 'file' ? `${line} -r -F` : `${line} -x`
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
