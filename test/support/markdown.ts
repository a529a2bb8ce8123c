import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A fenced block: what stands after the backquotes, the text, and the output shown for it, if a `text` block follows. */
interface Block {
  info: string
  code: string
  output?: string
}

export interface Section {
  heading: string
  level: number
  blocks: Block[]
  /** The file of an exercise's solution, if the section links to one. */
  solution?: string
}

const root = join(import.meta.dirname, '../..')

export const readText = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The headings of a Markdown file of this repository, each with the fenced blocks and solution between it and the next. */
export function readSections(file: string): Section[] {
  const sections: Section[] = [{ heading: '', level: 0, blocks: [] }]
  const parts = readText(file).matchAll(/^```(.*)\n([\s\S]*?)^```$|^(#+) (.*)$|\]\((\S+\.diff)\)/gm)
  for (const [, info, code = '', hashes, heading = '', solution] of parts) {
    const section = sections.at(-1)
    if (hashes) sections.push({ heading, level: hashes.length, blocks: [] })
    else if (solution && section) section.solution = join(dirname(file), solution)
    else {
      const blocks = section?.blocks ?? []
      const before = blocks.at(-1)
      if (info === 'text' && before?.info.startsWith('bash') && before.output === undefined) before.output = code
      else blocks.push({ info: info ?? '', code })
    }
  }
  return sections
}

/** Code without its comment lines, to compare that of two languages. */
export const withoutComments = (code: string): string =>
  code
    .split('\n')
    .map((line) => line.replace(/(^|\s+)# .*$/, ''))
    .filter((line) => line.trim() !== '')
    .join('\n')
