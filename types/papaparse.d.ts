/**
 * The part of papaparse that parses and writes text. The published @types/papaparse refers to Node's types, which
 * browser-safe code must not see.
 */
declare module 'papaparse' {
  export interface ParseError {
    readonly type: 'Quotes' | 'Delimiter' | 'FieldMismatch'
    readonly code: string
    readonly message: string
    readonly row?: number
    readonly index?: number
  }

  export interface ParseMeta {
    readonly delimiter: string
    readonly linebreak: string
    readonly aborted: boolean
    readonly truncated: boolean
    readonly cursor: number
    readonly fields?: string[]
    readonly renamedHeaders?: Record<string, string> | null
  }

  export interface ParseResult<T> {
    readonly data: T[]
    readonly errors: ParseError[]
    readonly meta: ParseMeta
  }

  export interface ParseStepResult<T> {
    readonly data: T
    readonly errors: ParseError[]
    readonly meta: ParseMeta
  }

  export interface Parser {
    abort(): void
    pause(): void
    resume(): void
  }

  export interface ParseConfig<T = string[]> {
    readonly delimiter?: string
    readonly newline?: '\r' | '\n' | '\r\n'
    readonly quoteChar?: string
    readonly escapeChar?: string
    readonly header?: boolean
    readonly transformHeader?: (header: string, index: number) => string
    readonly dynamicTyping?: boolean
    readonly preview?: number
    readonly comments?: false | string
    readonly skipEmptyLines?: boolean | 'greedy'
    readonly fastMode?: boolean
    readonly skipFirstNLines?: number
    readonly transform?: (value: string, field: string | number) => unknown
    readonly delimitersToGuess?: readonly string[]
    readonly step?: (result: ParseStepResult<T>, parser: Parser) => void
  }

  export interface UnparseConfig {
    readonly quotes?: boolean | readonly boolean[]
    readonly quoteChar?: string
    readonly escapeChar?: string
    readonly delimiter?: string
    readonly header?: boolean
    readonly newline?: string
    readonly skipEmptyLines?: boolean | 'greedy'
    readonly columns?: readonly string[]
    readonly escapeFormulae?: boolean
  }

  const Papa: {
    parse<T = string[]>(text: string, config?: ParseConfig<T>): ParseResult<T>
    unparse(rows: readonly unknown[], config?: UnparseConfig): string
  }
  export default Papa
}
