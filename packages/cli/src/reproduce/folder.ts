import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inputError } from '../errors.ts'
import { messageOf, openOutput } from '../files.ts'

export interface ReproductionFolder {
  readonly path: string
  readonly parts: string
  /** Replaces a file of an earlier run; answers its path. */
  write(name: string, content: string | Uint8Array): Promise<string>
}

/** Tells a folder of an earlier run, whose files may be replaced, from any other. */
const marker = '.relucent-reproduction'

/**
 * Makes the folder, or goes on in one that this command made.
 *
 * @throws CliError for a folder that holds other things, or cannot be made.
 */
export async function openFolder(path: string): Promise<ReproductionFolder> {
  const parts = join(path, 'parts')
  await mkdir(parts, { recursive: true }).catch((error: unknown) => {
    throw inputError('unwritable-file', `the folder cannot be made (${messageOf(error)})`, { file: path })
  })
  const held = (await readdir(path)).filter((name) => name !== 'parts')
  if (held.length > 0 && !held.includes(marker)) {
    const hint = 'choose an empty folder, or a new name, with --out'
    throw inputError('file-exists', 'the folder holds files that this command did not write', { file: path, hint })
  }
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const file = join(path, name)
    await (await openOutput(file, { force: true })).write(content)
    return file
  }
  await write(marker, 'Files in this folder are replaced when relucent reproduce runs again.\n')
  return { path, parts, write }
}
