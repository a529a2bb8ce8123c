// @ts-check
import { html } from 'htm/preact'
import { Diagram } from './diagram.js'
import { useLab } from './lab-context.js'
import { useLive } from './live.js'
import { PartDetails } from './part.js'
import { Traffic } from './traffic.js'
import { View } from './view.js'

/** @import { PartName } from '../protocol/part-schema.ts' */

/** The first view: the running shop as a diagram, and below it the chosen part. */
export function SystemView(/** @type {{ part?: string }} */ { part }) {
  const { texts, live, parts, go } = useLab()
  useLive(live)
  const chosen = parts.find((known) => known.part === part)
  const select = (/** @type {PartName} */ name) => go({ view: 'system', ...(name !== part && { part: name }) })
  const isLost = live.reading() && !live.connected()
  return html`
    <${View} title=${texts.t('system.title')}>
      <p class="lead">${texts.t('system.lead')}</p>
      <${Traffic} />
      <p class="connection" role="status">${isLost && texts.t('live.lost')}</p>
      <${Diagram} chosen=${chosen?.part} select=${select} />
      <section id="part-panel" class="panel">
        ${
          chosen
            ? html`<${PartDetails} key=${chosen.part} part=${chosen} />`
            : html`<p class="hint">${texts.t('part.choose')}</p>`
        }
      </section>
    <//>`
}
