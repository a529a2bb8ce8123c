// @ts-check
import { h, svg } from './dom.js'
import { table } from './table.js'
import { variantStyles } from './variant-styles.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Texts } from './texts.js' */

/**
 * Whether the hypothesis held, and the figures that say so, each as a number and as a bar.
 * @param {Run} run that is done
 * @param {Experiment} experiment
 * @param {Texts} texts
 * @param {boolean} compact without the table
 */
export function showVerdict(run, experiment, texts, compact) {
  const { verdict } = run
  if (!verdict) {
    const said = texts.t(`run.${run.state}`, { seconds: Math.round(run.seconds) })
    return h('p', { class: 'notice' }, said, run.error ? ` ${run.error}` : '')
  }
  const sign = h('span', { class: 'sign', 'aria-hidden': 'true' }, verdict.holds ? '✓' : '✗')
  return h(
    'section',
    { class: `verdict ${verdict.holds ? 'holds' : 'fails'}`, 'data-holds': String(verdict.holds) },
    h('h2', {}, sign, texts.t(verdict.holds ? 'verdict.holds' : 'verdict.fails')),
    h('p', { class: 'verdict-text' }, texts.of(verdict.text)),
    compact ? null : comparedTable(run, experiment, texts),
  )
}

/**
 * Everything that was measured: what the verdict rests on first, with bars and the best marked, then the rest.
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
        return [h('span', {}, texts.of(label), ' ', h('span', { class: 'aim' }, texts.t(`better.${better}`))), ...cells]
      }),
      ...others.map(({ id, label, unit }) => [
        h('span', { class: 'lesser' }, texts.of(label)),
        ...measured.map((each) =>
          texts.quantity(variants.find((variant) => variant.id === each.id)?.figures[id], unit),
        ),
      ]),
    ],
  })
}

/** @param {string} text @param {number} share of the highest @param {number} style @param {string | false} best */
function cell(text, share, style, best) {
  const filled = svg('rect', { width: `${Math.max(0, share * 100).toFixed(1)}%`, height: '100%', rx: 2 })
  return h(
    'span',
    { class: 'bar-cell' },
    h('span', { class: best ? 'value best' : 'value' }, text, best && h('span', { class: 'badge' }, best)),
    svg('svg', { class: `bar style-${style % 6}`, 'aria-hidden': 'true' }, filled),
  )
}
