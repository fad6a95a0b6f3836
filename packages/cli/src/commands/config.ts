import { Argument, type Command } from 'commander'
import type { Action } from '../action.ts'
import { defaultSettings, templateText } from '../config/template.ts'
import { exitCodes } from '../exit-codes.ts'
import { groups } from '../options.ts'
import { configurable } from '../schemas.ts'

/** To be added after all commands it can be asked about. */
export function addConfig(program: Command, action: Action): void {
  const commands = configurable(program)
  program
    .command('config')
    .description('Prints a settings file to start from: every setting of a command, with its default and meaning.')
    .addArgument(new Argument('[command]', 'whose settings').choices(commands.map((c) => c.name())).default('fit'))
    .optionsGroup(groups.general)
    .option('--json', 'print one JSON object: the defaults, which --config reads as well')
    .addHelpText(
      'after',
      `
Examples:
  relucent config > fit.yaml
  relucent config certify --json`,
    )
    .action((name: string, { json = false }: { json?: boolean }) =>
      action(async () => {
        const command = commands.find((candidate) => candidate.name() === name) ?? commands[0]
        process.stdout.write(json ? `${JSON.stringify(defaultSettings(command))}\n` : await templateText(command))
        return exitCodes.done
      }),
    )
}
