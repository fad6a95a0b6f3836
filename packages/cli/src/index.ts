export * from '@relucent/core'
