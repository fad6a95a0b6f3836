import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../packages/cli/src/program.ts'
import { configurable, type SchemaName, schemaNames, schemaOf } from '../packages/cli/src/schemas.ts'
import { cloudsCsv, expectExit, plantedCsv, relucent, scratchFolder } from './cli-harness.ts'

const scratch = scratchFolder()
const run = (line: string) => relucent(line.split(' '), { cwd: scratch.path() })
const read = (name: string): string => readFileSync(join(scratch.path(), name), 'utf8')
const program = createProgram(async () => {})

/** The file that users install, as they would find it. */
function shipped(name: SchemaName): object {
  const path = createRequire(import.meta.url).resolve(`relucent/schema/${name}.schema.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as object
}

/** Formats are annotations only: dates are checked by the validators themselves. */
function compiled(schema: object): ValidateFunction {
  return new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
}

function expectValid(validate: ValidateFunction, value: unknown): void {
  expect(validate(value) ? [] : validate.errors).toEqual([])
}

describe('schemas', () => {
  test.each(schemaNames)(
    '%s: the shipped file is what the validators say, and what the command prints',
    async (name) => {
      const schema = JSON.parse(JSON.stringify(schemaOf(name, program))) as object
      expect(shipped(name)).toEqual(schema) // `npm run build` writes it
      const printed = await run(`schema ${name}`)
      expectExit(printed, 0)
      expect(JSON.parse(printed.stdout)).toEqual(schema)
    },
  )
})

describe('what commands print passes the shipped schema', () => {
  const output = compiled(shipped('output'))

  beforeAll(async () => {
    scratch.write('data.csv', plantedCsv(1, { n: 30, d: 2 }))
    scratch.write('flowers.csv', cloudsCsv(3))
    expectExit(await run('fit data.csv --target y --beta 0.5 --events fit.ndjson --certificate cert.json'), 0)
    expectExit(await run('fit flowers.csv --target color --bias --preprocess minmax --out flowers.json'), 0)
  })

  test.each([
    'fit data.csv --target y --out other.json',
    'fit data.csv --target y --dry-run',
    'path data.csv --target y --points 3 --smallest-ratio 0.1',
    'cv data.csv --target y --folds 2 --points 2 --smallest-ratio 0.1 --learning-curve --importance --dependence x1 --out cv.json',
    'demo --out spiral.json',
    'certify model.json data.csv',
    'verify model.json data.csv --certificate cert.json',
    'predict model.json data.csv',
    'predict flowers.json flowers.csv --out p.csv',
    'score flowers.json flowers.csv',
    'info',
    'info data.csv',
    'info model.json',
    'fit absent.csv --target y --out absent.json',
    'fit',
    'nonsense',
  ])('%s', async (line) => {
    const { stdout } = await run(`${line} --json`)
    const record: unknown = JSON.parse(stdout)
    expectValid(output, record)
    expect(output({ ...(record as object), surprise: 1 })).toBe(false)
  })

  test('events', () => {
    const events = compiled(shipped('events'))
    for (const line of read('fit.ndjson').trimEnd().split('\n')) expectValid(events, JSON.parse(line))
    expect(events({ event: 'progress' })).toBe(false)
  })

  test('models and certificates', () => {
    const model = compiled(shipped('model'))
    for (const name of ['model.json', 'flowers.json']) expectValid(model, JSON.parse(read(name)))
    const certificate = compiled(shipped('certificate'))
    expectValid(certificate, JSON.parse(read('cert.json')))
    expect(model(JSON.parse(read('cert.json')))).toBe(false)
  })

  test('settings of every command, as relucent config prints them', async () => {
    for (const command of configurable(program)) {
      const { stdout } = await run(`config ${command.name()} --json`)
      const whole = shipped('config')
      expectValid(compiled(whole), JSON.parse(stdout))
      const own = compiled({ ...whole, anyOf: undefined, $ref: `#/$defs/${command.name()}` })
      expectValid(own, JSON.parse(stdout))
      expect(own({ unheardOf: 1 })).toBe(false)
    }
  })
})
