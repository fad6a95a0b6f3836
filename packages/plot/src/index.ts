export { type Axis, formatNumber, formatTick } from './axis.ts'
export { bars, type BarsOptions } from './charts/bars.ts'
export { field, type FieldOptions } from './charts/field.ts'
export { gallery, type GalleryOptions, type GalleryRow } from './charts/gallery.ts'
export { heatmap, type HeatmapOptions } from './charts/heatmap.ts'
export { lines, type LinesOptions, type Point, type Series } from './charts/lines.ts'
export { type Grid, onGrid, type PlaneOptions, type Segment } from './charts/plane.ts'
export type { Reference } from './charts/reference.ts'
export { regions, type RegionsOptions } from './charts/regions.ts'
export type { Group } from './charts/group.ts'
export { scatter, type ScatterOptions } from './charts/scatter.ts'
export { type FigureOptions, onPaper } from './figure.ts'
export {
  type Block,
  type FigureBlock,
  type Page,
  renderPage,
  type Section,
  type TableBlock,
  type Verdict,
} from './page.ts'
export type { LegendEntry } from './legend.ts'
export { panels, type PanelsOptions } from './panels.ts'
export { type Pixels, pngOf } from './pixels.ts'
export { PngUnavailableError, type PngOptions, renderPng } from './png.ts'
export { palette, schemes, type Surface } from './theme.ts'
