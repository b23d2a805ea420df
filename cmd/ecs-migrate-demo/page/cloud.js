import { el, fill, icon, setText } from './dom.js'
import { get, post } from './api.js'
import { ask } from './confirm.js'
import { ago, fromWall, moment, toWall, zoneName } from './dates.js'
import { zoned } from './elements.js'
import { menu } from './menu.js'
import { drawAgain } from './again.js'
import { flash } from './timeline.js'

// The cloud as its console would show it: events with what can be done to them, and instances.

const final = new Set(['Executed', 'Failed', 'Avoided', 'Canceled'])

export function openCloud(app) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`)
  const rows = { events: new Map(), instances: new Map() }
  let events = []
  let instances = []
  let search = ''
  let past = false
  let queue = Promise.resolve()

  part('cloud-search').addEventListener('input', (e) => { search = e.target.value.trim().toLowerCase(); draw() })
  part('cloud-past').addEventListener('change', (e) => { past = e.target.checked; draw() })
  for (const news of ['me', 'words']) app.on(news, draw)
  app.on('minute', draw)
  // The command box offers what the cloud has.
  app.targets = () => {
    const open = events.filter((e) => !final.has(e.status))
    return [...open.map((e) => ({ name: instanceOf(e)?.name || e.instance, note: `${e.instance} · ${app.t(`status.${e.status}`)}` })), ...open.map((e) => ({ name: e.id, note: instanceOf(e)?.name || '' }))]
  }

  return {
    load: () => {
      queue = queue.then(async () => {
        [events, instances] = await Promise.all([get('/cloud/control/events'), get('/cloud/control/instances')])
        instances ||= []
        draw()
      }).catch(app.fail)
      return queue
    },
    // find shows an instance by its id, or the events where there is no such instance.
    find(id) {
      search = ''
      part('cloud-search').value = ''
      app.tell('show', 'cloud')
      draw()
      const node = rows.instances.get(id)?.node || part('events').closest('details')
      node.closest('details').open = true
      node.scrollIntoView({ block: 'start' })
      flash(node)
    },
  }

  function instanceOf(e) {
    return instances.find((i) => i.id === e.instance)
  }

  function draw() {
    if (!app.me || !app.world) return
    const matches = (...texts) => !search || texts.some((t) => t?.toLowerCase().includes(search))
    const shownEvents = events.filter((e) => (past || !final.has(e.status)) && matches(e.id, e.instance, instanceOf(e)?.name, e.type)).reverse()
    const shownInstances = instances.filter((i) => matches(i.id, i.name, i.private_ip, i.public_ip, i.eip))
    const open = events.filter((e) => !final.has(e.status)).length
    setText(part('events-count'), app.t('events.count', { open, all: events.length }))
    setText(part('instances-count'), String(instances.length))
    part('events-none').hidden = shownEvents.length > 0
    rowsOf('events', shownEvents, (e) => e.id, (e) => JSON.stringify([e, instanceOf(e)?.name, app.me.id, app.language, final.has(e.status) ? '' : ago(planned(e) || app.now(), app.pageReader())]), drawEvent)
    rowsOf('instances', shownInstances, (i) => i.id, (i) => JSON.stringify([i, app.language, eventsOf(i).map((e) => e.status)]), drawInstance)
  }

  // rowsOf keeps a list's rows by key and draws again only what changed.
  function rowsOf(name, list, key, version, drawRow) {
    const box = part(name)
    const kept = rows[name]
    const keys = new Set(list.map(key))
    for (const [k, row] of kept) {
      if (!keys.has(k)) {
        row.node.remove()
        kept.delete(k)
      }
    }
    let before = null
    for (const item of list) {
      const k = key(item)
      const v = version(item)
      let row = kept.get(k)
      if (!row) kept.set(k, row = { node: el('li', { 'data-id': k, class: name === 'events' ? 'event' : 'instance' }) })
      if (row.version !== v) drawAgain(row.node, () => fill(row.node, drawRow(item, row.node)))
      row.version = v
      const should = before ? before.nextSibling : box.firstChild
      if (should !== row.node) box.insertBefore(row.node, should)
      before = row.node
    }
  }

  function planned(e) {
    return e.not_before ? new Date(e.not_before) : null
  }

  function drawEvent(e, node) {
    node.dataset.status = e.status
    node.dataset.event = e.id
    const at = planned(e)
    const time = (d) => el('time', { datetime: d.toISOString(), title: zoneName(d, app.me.zone) }, moment(d, app.pageReader(), { weekday: true }))
    const actions = deeds(e)
    return [
      el('div', { class: 'event-head' },
        el('strong', { class: 'name' }, instanceOf(e)?.name || e.instance), status(e.status),
        actions.length > 0 && el('button', { type: 'button', class: 'more', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'data-test': 'event-menu', 'aria-label': app.t('event.menu', { name: instanceOf(e)?.name || e.instance }), onclick: (ev) => menu(ev.currentTarget, actions) }, icon('more'))),
      el('p', {}, app.t(`type.${e.type}`), e.options?.includes('MigrationPlan') && [' ', el('span', { class: 'tag' }, app.t('event.plan'))], e.will_fail && [' ', el('span', { class: 'tag bad' }, app.t('event.willFail'))]),
      el('p', { class: 'dim' }, final.has(e.status) ? (e.finished ? [app.t('event.finished'), ' ', time(new Date(e.finished))] : '') : at ? [app.t('event.planned'), ' ', time(at), ` · ${ago(at, app.pageReader())}`] : app.t('event.unplanned')),
      el('p', { class: 'dim ids' }, `${e.id} · ${e.instance} · ${e.region}`),
    ]
  }

  function status(s) {
    return el('span', { class: `tag status status-${s}` }, app.t(`status.${s}`))
  }

  // deeds are what the cloud, or a person in the console, can do to an event as it is.
  function deeds(e) {
    const item = (what, danger) => ({ label: app.t(`deed.${what}`), danger, data: { 'data-test': `event-${what}` }, do: () => steer(e, { do: what }) })
    const move = { label: app.t('deed.move'), data: { 'data-test': 'event-move' }, do: () => moveTo(e) }
    switch (e.status) {
      case 'Inquiring': return [item('accept'), item('avoid'), item('cancel', true)]
      case 'Scheduled': return [move, item('execute'), item('will_fail'), item('avoid'), item('fail', true), item('cancel', true)]
      case 'Executing': return [item('finish'), item('fail', true)]
    }
    return []
  }

  async function moveTo(e) {
    const zone = app.me.zone
    const input = el('input', { type: 'datetime-local', 'data-test': 'move-at', 'aria-label': app.t('move.at'), autofocus: true })
    input.value = toWall(Date.parse(e.not_before) / 1000, zone)
    const yes = await ask({ title: app.t('move.title', { name: instanceOf(e)?.name || e.instance }), test: 'move', cancel: app.t('cancel'),
      body: [el('p', {}, app.t('move.why')), zoned(input, app)], answers: [{ label: app.t('move.yes'), value: true }] })
    const at = yes && fromWall(input.value, zone)
    if (at) steer(e, { do: 'move', at: new Date(at * 1000).toISOString() })
  }

  async function steer(e, what) {
    try {
      await post('/world/event', { event_id: e.id, ...what })
    } catch (err) {
      app.fail(err)
    }
  }

  function eventsOf(i) {
    return events.filter((e) => e.instance === i.id && !final.has(e.status))
  }

  function drawInstance(i, node) {
    node.dataset.instance = i.id
    const pair = (label, value) => (value ? [el('dt', {}, label), el('dd', {}, value)] : null)
    const disks = (i.disks || []).map((d) => `${d.device || ''} ${d.size_gib} GiB ${d.category || ''}`.trim())
    return [
      el('div', { class: 'event-head' }, el('strong', { class: 'name' }, i.name || i.id),
        el('span', { class: `tag status status-${i.status}` }, app.t(`status.${i.status}`)), eventsOf(i).map((e) => status(e.status))),
      el('dl', {},
        pair(app.t('instance.network'), i.classic ? app.t('network.classic') : `${app.t('network.vpc')} ${i.vpc || ''}`),
        pair(app.t('instance.private'), i.private_ip), pair(app.t('instance.public'), i.public_ip), pair(app.t('instance.eip'), i.eip),
        pair(app.t('instance.disks'), disks.length ? el('ul', {}, disks.map((d) => el('li', {}, d))) : ''),
        pair(app.t('instance.tags'), Object.entries(i.tags || {}).map(([k, v]) => `${k}=${v}`).join('  '))),
      el('p', { class: 'dim ids' }, `${i.id} · ${i.zone || i.region} · ${i.os_type || ''}`),
    ]
  }
}
