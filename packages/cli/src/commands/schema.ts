import type { Command } from 'commander'
import type { Action } from '../action.ts'
import { exitCodes } from '../exit-codes.ts'
import { outputSchema } from '../output.ts'

export function addSchema(program: Command, action: Action): void {
  program
    .command('schema', { hidden: true })
    .description('Prints the JSON schema of what --json prints.')
    .addHelpText('after', '\nExample:\n  relucent schema > relucent.schema.json')
    .action(() =>
      action(async () => {
        process.stdout.write(`${JSON.stringify(outputSchema(), undefined, 2)}\n`)
        return exitCodes.done
      }),
    )
}
