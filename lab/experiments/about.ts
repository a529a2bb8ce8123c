import type { Figure, SeriesAbout, Setting } from '../protocol/experiment-schema.ts'

// Short forms for the experiments' descriptions.

/** An integer setting. */
export const count = (
  name: string,
  en: string,
  es: string,
  { unit, ...range }: { default: number; min: number; max: number; unit?: string },
): Setting => ({ name, type: 'integer', label: { en, es }, ...range, ...(unit && { unit }) })

export const figure = (
  id: string,
  en: string,
  es: string,
  unit: Figure['unit'],
  better: Figure['better'] = 'neither',
): Figure => ({ id, label: { en, es }, unit, better })

export const series = (
  id: string,
  en: string,
  es: string,
  unit: SeriesAbout['unit'],
  shape: SeriesAbout['shape'] = 'step',
): SeriesAbout => ({ id, label: { en, es }, unit, shape })
