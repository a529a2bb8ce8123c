const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text for XML and HTML. Control characters, which XML 1.0 has no way to write, become spaces. */
export function escapeMarkup(text: string): string {
  const printable = Array.from(text.toWellFormed(), (char) =>
    char < ' ' && char !== '\n' && char !== '\t' ? ' ' : char,
  )
  return printable.join('').replaceAll(/[&<>"]/g, (char) => entities[char] ?? char)
}
