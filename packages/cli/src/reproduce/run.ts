import { arch, cpus } from 'node:os'
import { writeCsv } from '@relucent/io'
import { PngUnavailableError, renderPng } from '@relucent/plot'
import type { Terminal } from '../terminal.ts'
import { type Context, type Experiment, type Findings, InterruptedError } from './experiment.ts'
import { experiments } from './experiments.ts'
import type { ReproductionFolder } from './folder.ts'
import { checkImages } from './images/load.ts'
import { type ExperimentName, imagesOf } from './names.ts'
import { pageOf } from './page.ts'
import { openParts, type Parts } from './parts.ts'
import { checkTables } from './sdp/tables.ts'

export interface ReproduceOrder {
  readonly names: readonly ExperimentName[]
  readonly quick: boolean
  readonly dataDir: string | undefined
  readonly dataSets: number
  readonly folder: ReproductionFolder
  readonly version: string
  readonly signal: AbortSignal
  readonly terminal: Terminal
}

export interface Reproduced {
  readonly name: ExperimentName
  readonly title: string
  readonly page: string
  readonly files: readonly string[]
  readonly remarks: readonly string[]
  readonly partsComputed: number
  readonly partsReused: number
}

/** Runs experiments one after the other; those finished before an interruption are answered. */
export async function reproduceAll(order: ReproduceOrder): Promise<readonly Reproduced[]> {
  const { names, dataDir } = order
  if (dataDir !== undefined) await checkImages(dataDir, [...new Set(names.flatMap((name) => imagesOf[name] ?? []))])
  if (dataDir !== undefined && names.length === 1 && names[0] === 'sdp') await checkTables(dataDir)
  const done: Reproduced[] = []
  const png = rasteriser(order.terminal)
  try {
    for (const name of names) done.push(await reproduce(experiments[name], order, png))
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error
  }
  return done
}

type Rasteriser = (svg: string) => Promise<Uint8Array | undefined>

async function reproduce(experiment: Experiment, order: ReproduceOrder, png: Rasteriser): Promise<Reproduced> {
  const { folder, version, signal, quick } = order
  const parts = openParts(folder.parts, version, signal)
  const findings = await experiment.run(contextOf(order, parts))
  const { name, title } = experiment
  const files: string[] = []
  for (const figure of findings.figures) {
    files.push(await folder.write(`${figure.name}.svg`, figure.svg))
    const image = await png(figure.svg)
    if (image !== undefined) files.push(await folder.write(`${figure.name}.png`, image))
  }
  for (const { name: file, head, rows } of findings.tables) {
    const cells = rows.map((row) => row.map((cell) => cell ?? ''))
    files.push(await folder.write(`${file}.csv`, writeCsv([...head], cells)))
  }
  files.push(await folder.write(`${name}.json`, numbersOf(experiment, findings, { quick, version })))
  const about = { version, quick, node: process.version, processor: cpus()[0]?.model.trim() || arch() }
  const page = await folder.write(`${name}.md`, pageOf(experiment, findings, about))
  const { computed, reused } = parts
  return { name, title, page, files, remarks: findings.remarks, partsComputed: computed, partsReused: reused }
}

function contextOf({ quick, dataDir, dataSets, signal, terminal }: ReproduceOrder, parts: Parts): Context {
  let phase = ''
  return {
    quick,
    dataDir,
    dataSets,
    signal,
    say(next) {
      phase = next
      terminal.start(next)
    },
    note: (text) => terminal.note(text),
    progress: ({ iteration, objective, lowerBound, relativeGap, neurons, elapsedSeconds }) =>
      terminal.progress({
        iteration,
        objective,
        lowerBound: lowerBound ?? Number.NaN,
        relativeGap: relativeGap ?? null,
        neurons,
        elapsedSeconds,
        phase: `${phase}, step ${iteration}`,
      }),
    part: (name, settings, work) => parts.get(name, settings, work),
  }
}

function numbersOf(
  { name, title }: Experiment,
  findings: Findings,
  about: { quick: boolean; version: string },
): string {
  const { comparisons, remarks, differences, tables } = findings
  const plainTables = tables.map(({ name: table, title: heading, head, rows }) => ({
    name: table,
    title: heading,
    head,
    rows,
  }))
  const record = { format: 'relucent-reproduction', formatVersion: 1, name, title, ...about }
  return `${JSON.stringify({ ...record, comparisons, remarks, differences, tables: plainTables })}\n`
}

/** PNG where the optional package and a font are; says once where they are not. */
function rasteriser(terminal: Terminal): Rasteriser {
  let works = true
  return async (svg) => {
    if (!works) return undefined
    try {
      return await renderPng(svg)
    } catch (error) {
      if (!(error instanceof PngUnavailableError)) throw error
      works = false
      terminal.warn(`figures are written as SVG only: ${error.message.replace('renderPng: ', '')}`)
      return undefined
    }
  }
}
