/** The version of @relucent/core, as in its package.json; written into every model file. */
export const version = '0.1.0'
