import { el, fill } from './dom.js'
import { post } from './api.js'
import { keepFocus } from './timeline.js'

// Bad luck, as switches. Each strikes until it is turned off; the socket is dropped once.

export function openFaults(app) {
  const root = document.querySelector('[data-part="faults"]')
  for (const news of ['world', 'words', 'me']) app.on(news, draw)
  let drawn = ''
  let permission = ''

  function list() {
    return [
      { what: 'throttle' },
      ...app.world.regions.map((region) => ({ what: 'region_down', region })),
      { what: 'permission_hidden', permission: permission || app.world.permissions?.[0] },
      { what: 'modify_refused' }, { what: 'cloud_slow' }, { what: 'slack_429' }, { what: 'slack_5xx' }, { what: 'slack_slow' },
    ]
  }

  function draw() {
    if (!app.world?.regions) return
    const stamp = JSON.stringify([app.world.faults, app.language, permission])
    if (stamp === drawn) return
    drawn = stamp
    keepFocus(root, () => fill(root,
      el('ul', { class: 'switches' }, list().map((f) => el('li', {}, toggle(f), f.what === 'permission_hidden' && choice()))),
      el('button', { type: 'button', 'data-test': 'fault-socket_drop', onclick: () => turn({ what: 'socket_drop', on: true }) }, app.t('fault.socket_drop'))))
  }

  function on(f) {
    return (app.world.faults || []).some((o) => o.what === f.what && o.on !== false && (f.region || '') === (o.region || '') && (f.permission || '') === (o.permission || ''))
  }

  function toggle(f) {
    const is = on(f)
    return el('button', { type: 'button', role: 'switch', 'aria-checked': String(is), 'data-test': `fault-${[f.what, f.region].filter(Boolean).join('-')}`, onclick: () => turn({ ...f, on: !is }) },
      el('span', { class: 'knob', 'aria-hidden': 'true' }), app.t(`fault.${f.what}`, { region: f.region || '' }))
  }

  function choice() {
    if (!app.world.permissions) return null
    const box = el('select', { 'aria-label': app.t('fault.which'), 'data-test': 'fault-permission', onchange: () => { permission = box.value; draw() } }, app.world.permissions.map((p) => el('option', { value: p }, p)))
    box.value = permission || app.world.permissions[0]
    return box
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
