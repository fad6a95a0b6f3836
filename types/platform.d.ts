/**
 * What Node, browsers and workers all provide, and nothing more. `core` and `io` compile against this file instead of
 * lib.dom or @types/node, so a call that exists on one host only is a compile error there.
 *
 * The names below resolve to the consumer's own globals (lib.dom, lib.webworker or @types/node) in published
 * declarations: this file is never shipped. Declare a global here when the first source file needs it.
 */

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: any
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

declare var AbortSignal: {
  abort(reason?: unknown): AbortSignal
  timeout(milliseconds: number): AbortSignal
  any(signals: readonly AbortSignal[]): AbortSignal
}
declare var AbortController: { new (): AbortController }

interface MessagePort {
  onmessage: ((event: { readonly data: any }) => void) | null
  postMessage(message: unknown, transfer?: readonly object[]): void
  start(): void
  close(): void
}

interface MessageChannel {
  readonly port1: MessagePort
  readonly port2: MessagePort
}

declare var MessageChannel: { new (): MessageChannel }

declare var performance: { now(): number }

interface URL {
  readonly href: string
}

declare var URL: { new (url: string, base?: string): URL }

interface ImportMeta {
  readonly url: string
}

/** A timer is a number in browsers and an object in Node: pass it back to clearTimeout and look no further. */
declare function setTimeout(callback: () => void, milliseconds?: number): unknown
declare function clearTimeout(timer: unknown): void
declare function queueMicrotask(callback: () => void): void
declare function structuredClone<T>(value: T, options?: { readonly transfer?: readonly object[] }): T
declare function atob(base64: string): string
declare function btoa(binary: string): string

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}

interface TextDecoder {
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { readonly stream?: boolean }): string
}

declare var TextEncoder: { new (): TextEncoder }
declare var TextDecoder: {
  new (encoding?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean }): TextDecoder
}

declare var crypto: {
  readonly subtle: {
    digest(algorithm: 'SHA-256' | 'SHA-512', data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer>
  }
}

declare namespace WebAssembly {
  interface Module {}
  interface Instance {
    readonly exports: Record<string, any>
  }
  interface Memory {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  var Module: { new (bytes: ArrayBuffer | ArrayBufferView): Module }
  var Instance: { new (module: Module, imports?: Record<string, Record<string, unknown>>): Instance }
  var RuntimeError: { new (message?: string): Error }
  var Memory: {
    new (limits: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean }): Memory
  }
  function validate(bytes: ArrayBuffer | ArrayBufferView): boolean
  function compile(bytes: ArrayBuffer | ArrayBufferView): Promise<Module>
}
