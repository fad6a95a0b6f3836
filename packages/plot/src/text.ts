/** Characters that XML 1.0 has no way to write, lone halves of surrogate pairs among them. */
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu

/** The text with what cannot be written in XML or HTML replaced by the replacement character. */
export function writable(text: string): string {
  return text.replaceAll(unwritable, '\uFFFD')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it is written in XML and HTML, between tags and between quotes alike. */
export function escapeText(text: string): string {
  return writable(text).replaceAll(/[&<>"']/g, (character) => entities[character])
}

/** Roughly how wide a line is, in pixels: fonts differ from machine to machine and are never asked. */
export function estimatedWidth(text: string, size: number): number {
  let ems = 0
  for (const character of text) ems += /[\u1100-\uFFFF]|\p{Extended_Pictographic}/u.test(character) ? 1 : 0.58
  return ems * size
}

/** At most `most` pixels, by estimate; what does not fit is replaced by an ellipsis. */
export function truncated(text: string, size: number, most: number): string {
  if (estimatedWidth(text, size) <= most) return text
  let kept = ''
  for (const character of text) {
    if (estimatedWidth(`${kept}${character}…`, size) > most) break
    kept += character
  }
  return `${kept}…`
}

/** The words in lines of at most `most` pixels each, by estimate; a longer word is cut. */
export function wrapped(text: string, size: number, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && estimatedWidth(longer, size) > most) {
      lines.push(line)
      line = truncated(word, size, most)
    } else line = truncated(longer, size, most)
  }
  if (line !== '') lines.push(line)
  return lines
}
