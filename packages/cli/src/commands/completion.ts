import { Argument, type Command } from 'commander'
import type { Action } from '../action.ts'
import { type Grammar, grammarOf } from '../completion.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { exitCodes } from '../exit-codes.ts'

const shells = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} satisfies Record<string, (grammar: Grammar) => string>

export function addCompletion(program: Command, action: Action): void {
  program
    .command('completion')
    .description('Prints a script that lets a shell complete commands, options, their values and files.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .addHelpText(
      'after',
      `
Examples, for ~/.bashrc, for ~/.zshrc after compinit, and for fish:
  source <(relucent completion bash)
  source <(relucent completion zsh)
  relucent completion fish > ~/.config/fish/completions/relucent.fish`,
    )
    .action((shell: keyof typeof shells) =>
      action(async () => {
        process.stdout.write(shells[shell](grammarOf(program)))
        return exitCodes.done
      }),
    )
}
