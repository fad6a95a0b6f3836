import { type Assignment, measure } from './measure.ts'

// A process of its own per run: compilation and garbage of one run are not charged to the next.
process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2]) as Assignment)))
