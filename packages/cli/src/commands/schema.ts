import { Argument, type Command } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { type SchemaName, schemaNames, schemaOf } from '../schemas.ts'

export function addSchema(program: Command, action: Action): void {
  program
    .command('schema')
    .description('Prints the JSON schema of what --json prints, or of a file that is written or read.')
    .addArgument(new Argument('[what]', 'whose schema').choices(schemaNames).default('output'))
    .addHelpText(
      'after',
      `
Examples:
  relucent schema > output.schema.json
  relucent schema config > config.schema.json`,
    )
    .action((what: SchemaName) =>
      action(async () => {
        process.stdout.write(`${JSON.stringify(schemaOf(what, program), undefined, 2)}\n`)
        return exitCodes.done
      }),
    )
}
