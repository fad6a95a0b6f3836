export { type NativeLookup, type NativeOptions, nativeBackend } from './backend.ts'
