import { el, fill } from './dom.js'
import { post } from './api.js'
import { drawAgain } from './again.js'

// Bad luck, as switches. Each strikes until it is turned off; the socket is dropped once.

export function openFaults(app) {
  const root = document.querySelector('[data-part="faults"]')
  for (const news of ['world', 'words', 'me']) app.on(news, draw)
  const count = document.querySelector('[data-part="faults-count"]')
  let drawn = ''

  function list() {
    return [
      { what: 'throttle' },
      ...app.world.regions.map((region) => ({ what: 'region_down', region })),
      { what: 'modify_refused' }, { what: 'cloud_slow' }, { what: 'slack_429' }, { what: 'slack_5xx' }, { what: 'slack_slow' },
      // One for each: several can be missing at once.
      ...(app.world.permissions || []).map((permission) => ({ what: 'permission_hidden', permission })),
    ]
  }

  function draw() {
    if (!app.world?.regions) return
    const stamp = JSON.stringify([app.world.faults, app.language])
    if (stamp === drawn) return
    drawn = stamp
    // Also seen where the box is closed: a fault that is on explains what else goes wrong.
    const n = list().filter(on).length
    count.hidden = n === 0
    count.textContent = app.t('faults.on', { n })
    drawAgain(root, () => fill(root,
      el('ul', { class: 'switches' }, list().map((f) => el('li', {}, toggle(f)))),
      el('button', { type: 'button', 'data-test': 'fault-socket_drop', onclick: () => turn({ what: 'socket_drop', on: true }) }, app.t('fault.socket_drop'))))
  }

  function on(f) {
    return (app.world.faults || []).some((o) => o.what === f.what && o.on !== false && (f.region || '') === (o.region || '') && (f.permission || '') === (o.permission || ''))
  }

  function toggle(f) {
    const is = on(f)
    return el('button', { type: 'button', role: 'switch', 'aria-checked': String(is), 'data-test': `fault-${[f.what, f.region, f.permission].filter(Boolean).join('-')}`, onclick: () => turn({ ...f, on: !is }) },
      el('span', { class: 'knob', 'aria-hidden': 'true' }), el('span', {}, app.t(`fault.${f.what}`, { region: f.region || '', permission: f.permission || '' })))
  }

  async function turn(f) {
    try {
      const { faults } = await post('/world/fault', f)
      app.takeWorld({ faults })
      if (f.what === 'socket_drop') app.tell('toast', { text: app.t('fault.dropped') })
    } catch (e) {
      app.fail(e)
    }
  }
}
