import type { Command } from 'commander'
import { z } from 'zod'
import { configSchema } from './config/schema.ts'
import { event } from './events.ts'
import { certificateFile, modelFile } from './file-schemas.ts'
import { output } from './output.ts'

/** What there is a JSON schema of. */
export const schemaNames = ['output', 'events', 'config', 'model', 'certificate'] as const

export type SchemaName = (typeof schemaNames)[number]

/** JSON Schema (draft 2020-12), generated from the validators that the program itself uses. */
export function schemaOf(name: SchemaName, program: Command): object {
  switch (name) {
    case 'output':
      return z.toJSONSchema(output)
    case 'events':
      return z.toJSONSchema(event)
    case 'config':
      return configSchemas(program)
    case 'model':
      return z.toJSONSchema(modelFile)
    case 'certificate':
      return z.toJSONSchema(certificateFile)
  }
}

/** The commands that take a settings file. */
export function configurable(program: Command): Command[] {
  return program.commands.filter((command) => command.options.some((option) => option.attributeName() === 'config'))
}

/** One schema a command under `$defs`, so that an editor can be given `…/config.schema.json#/$defs/fit`. */
function configSchemas(program: Command): object {
  const commands = configurable(program)
  const definitions = commands.map((command) => {
    const { $schema: _, ...schema } = z.toJSONSchema(configSchema(command))
    return [command.name(), schema]
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: Object.fromEntries(definitions),
    anyOf: commands.map((command) => ({ $ref: `#/$defs/${command.name()}` })),
  }
}
