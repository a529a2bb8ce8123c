// @ts-check
import { html } from 'htm/preact'
import { table } from './table.js'
import { variantStyles } from './variant-styles.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Texts } from './texts.js' */

/**
 * Whether the hypothesis holds, and the figures that show it, each as a number and as a bar.
 * @param {Run} run that has ended
 * @param {Experiment} experiment
 * @param {Texts} texts
 * @param {boolean} compact without the table
 */
export function showVerdict(run, experiment, texts, compact) {
  const { verdict } = run
  if (!verdict) {
    const state = texts.t(`run.${run.state}`, { seconds: Math.round(run.seconds) })
    return html`<p class="notice">${state} ${run.error}</p>`
  }
  const { holds } = verdict
  return html`
    <section class=${`verdict ${holds ? 'holds' : 'fails'}`} data-holds=${holds}>
      <h2><span class="sign" aria-hidden="true">${holds ? '✓' : '✗'}</span>${texts.t(holds ? 'verdict.holds' : 'verdict.fails')}</h2>
      <p class="verdict-text">${texts.of(verdict.text)}</p>
      ${!compact && comparedTable(run, experiment, texts)}
    </section>`
}

/**
 * All figures: first those of the verdict, with bars and the best marked, then the others.
 * @param {Run} run @param {Experiment} experiment @param {Texts} texts
 */
function comparedTable({ verdict, variants }, experiment, texts) {
  const styles = variantStyles(experiment)
  const measured = experiment.variants.filter(({ id }) => variants.some((variant) => variant.id === id))
  const compared = verdict?.compared ?? []
  const others = experiment.figures.filter(({ id }) => compared.every(({ figure }) => figure !== id))
  return table({
    id: 'compared',
    stacks: true,
    caption: texts.t('verdict.compared'),
    columns: [texts.t('verdict.figure'), ...measured.map(({ label }) => texts.of(label))],
    rows: [
      ...compared.map(({ label, unit, values, better }) => {
        const known = Object.values(values).filter(Number.isFinite)
        const highest = Math.max(...known, 0)
        const best = better === 'lower' ? Math.min(...known) : highest
        const cells = measured.map(({ id }) => {
          const value = values[id]
          const isBest = value === best && known.some((other) => other !== best)
          const share = (value ?? 0) / (highest || 1)
          return cell(texts.quantity(value, unit), share, styles.get(id) ?? 0, isBest && texts.t('best'))
        })
        return [html`${texts.of(label)} <span class="aim">${texts.t(`better.${better}`)}</span>`, ...cells]
      }),
      ...others.map(({ id, label, unit }) => [
        html`<span class="lesser">${texts.of(label)}</span>`,
        ...measured.map((each) =>
          texts.quantity(variants.find((variant) => variant.id === each.id)?.figures[id], unit),
        ),
      ]),
    ],
  })
}

/** @param {string} text @param {number} share of the highest @param {number} style @param {string | false} best */
function cell(text, share, style, best) {
  return html`
    <span class="bar-cell">
      <span class=${best ? 'value best' : 'value'}>${text}${best && html`<span class="badge">${best}</span>`}</span>
      <svg class=${`bar style-${style % 6}`} aria-hidden="true">
        <rect width=${`${Math.max(0, share * 100).toFixed(1)}%`} height="100%" rx="2" />
      </svg>
    </span>`
}
