/** A text in the languages of the reports. */
export interface Text {
  en: string
  es: string
}

export const languages = ['en', 'es'] as const
export type Language = (typeof languages)[number]
