// Writes the JSON schemas that are shipped with the command line, from the validators it was built with. Part of `npm run build`.
import { mkdirSync, writeFileSync } from 'node:fs'

const dist = new URL('../packages/cli/dist/', import.meta.url)
const { createProgram } = await import(new URL('program.js', dist))
const { schemaNames, schemaOf } = await import(new URL('schemas.js', dist))

const program = createProgram(() => {
  throw new Error('schemas are written without running a command')
})
mkdirSync(new URL('schema/', dist), { recursive: true })
for (const name of schemaNames) {
  const text = `${JSON.stringify(schemaOf(name, program), undefined, 2)}\n`
  writeFileSync(new URL(`schema/${name}.schema.json`, dist), text)
}
