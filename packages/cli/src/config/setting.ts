import { z } from 'zod'

/** A value of an option as JSON and YAML have it. */
export type Setting = string | number | boolean | readonly (string | number)[] | null

/** How a setting looks in records and events. */
export const setting: z.ZodType<Setting> = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number()])).readonly(),
  z.null(),
])
