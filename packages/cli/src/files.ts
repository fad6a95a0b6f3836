import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import {
  access,
  type FileHandle,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { bytesSource, nearest, type Source } from '@relucent/io'
import { inputError } from './errors.ts'

/** How a file is called in messages. */
export function displayName(path: string): string {
  return path === '-' ? 'standard input' : path
}

/** Bytes of a file, or of standard input for `-`. */
export async function readInput(path: string): Promise<Uint8Array> {
  if (path === '-') return buffer(process.stdin)
  try {
    return await readFile(path)
  } catch (error) {
    throw await readError(path, error)
  }
}

/** Bytes read at a time. */
const pieceBytes = 1 << 18

/** A file piece by piece, into one buffer over and over; standard input is held, because it can be read only once. */
export async function fileSource(
  path: string,
  onRead: (done: number, size?: number) => void = () => {},
): Promise<Source> {
  if (path === '-') return bytesSource(await readInput(path), displayName(path))
  const size = await sizeOf(path)
  if (size === undefined) return bytesSource(await readInput(path), path) // a pipe or device
  return { file: path, size, open: () => pieces(path, (done) => onRead(done, size)) }
}

/** Undefined for what is no regular file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    throw await readError(path, error)
  }
}

async function* pieces(path: string, onRead: (done: number) => void): AsyncGenerator<Uint8Array> {
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch (error) {
    throw await readError(path, error)
  }
  try {
    const buffer = new Uint8Array(pieceBytes)
    let done = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer)
      if (bytesRead === 0) return
      done += bytesRead
      onRead(done)
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await statOrUndefined(path)) !== undefined
}

async function readError(path: string, error: unknown): Promise<Error> {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const close = nearest(basename(path), await readdir(dirname(path)).catch(() => []))
      const hint = close ? `did you mean ${join(dirname(path), close)}?` : `looked in ${process.cwd()}`
      return inputError('file-not-found', 'there is no such file', { file: path, hint })
    }
    case 'EISDIR':
      return inputError('not-a-file', 'expected a file, found a folder', { file: path })
    case 'EACCES':
    case 'EPERM':
      return inputError('unreadable-file', 'no permission to read the file', { file: path })
    default:
      return inputError('unreadable-file', `the file cannot be read (${messageOf(error)})`, { file: path })
  }
}

/** What is written: whole, or piece by piece. */
export type Content = string | Uint8Array | Iterable<Uint8Array>

/** A place to write to, checked before the work starts. */
export interface OutputFile {
  readonly path: string
  write(content: Content): Promise<void>
}

/**
 * Makes sure, before anything is solved, that `path` can be written: hours of work must not end in "permission denied".
 *
 * An existing file is refused without `force`. A regular file is replaced atomically; a device or pipe (/dev/stdout) is
 * simply written to.
 */
export async function openOutput(path: string, { force }: { force: boolean }): Promise<OutputFile> {
  const existing = await statOrUndefined(path)
  if (existing?.isDirectory()) {
    throw inputError('unwritable-file', 'expected a file to write, found a folder', { file: path })
  }
  if (existing && !existing.isFile()) return { path, write: (content) => writeFile(path, content) }
  if (existing && !force) {
    const hint = 'choose another name, or overwrite it with --force'
    throw inputError('file-exists', 'the file exists', { file: path, hint })
  }
  const target = existing ? await realpath(path) : path
  try {
    if (existing) await access(target, constants.W_OK)
    await rm(await writeTemporary(target, ''))
  } catch (error) {
    throw writeError(path, error)
  }
  return { path, write: (content) => writeAtomically(path, target, content) }
}

/** Readers see the old file or the new one, never a part: temporary file in the same folder, flushed, then renamed. */
async function writeAtomically(path: string, target: string, content: Content): Promise<void> {
  try {
    const temporary = await writeTemporary(target, content)
    try {
      await rename(temporary, target)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  } catch (error) {
    throw writeError(path, error)
  }
}

async function writeTemporary(target: string, content: Content): Promise<string> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const handle = await open(temporary, 'wx')
  try {
    await writeFile(handle, content)
    await handle.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  return temporary
}

/** What the system refused, in words; an error of the content itself stays as it is. */
export function writeError(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const hint = 'create the folder first, or choose another name'
      return inputError('unwritable-file', `there is no folder ${dirname(path)}`, { file: path, hint })
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return inputError('unwritable-file', 'no permission to write there', { file: path })
    case 'EISDIR':
      return inputError('unwritable-file', 'expected a file to write, found a folder', { file: path })
    default:
      return inputError('unwritable-file', `the file cannot be written (${messageOf(error)})`, { file: path })
  }
}

async function statOrUndefined(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path)
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
