const pieceLength = 1 << 16

/** Lines of text as UTF-8 in pieces of some size, so that no string ever holds a whole file. */
export function* inPieces(lines: () => Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  for (const line of lines()) {
    text += `${line}\n`
    if (text.length < pieceLength) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}
