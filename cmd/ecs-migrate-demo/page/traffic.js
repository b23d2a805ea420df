import { el, fill, icon } from './dom.js'
import { get } from './api.js'
import { day, show } from './dates.js'
import { jsonView } from './json.js'

// What happened: envelopes, Web API calls and cloud calls as they pass, each to be opened, and the bot's own log.

const kept = 400 // rows; older ones are still in the server's memory

export function openTraffic(app) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`)
  const list = part('traffic')
  const rows = new Map() // by id
  const days = [] // the rows that name a day
  const shownKinds = { envelope: true, slack: true, cloud: true }
  let search = ''
  let onlyFailed = false
  let seq // the newest entry read
  let busy = false
  let again = false
  let logShown = false
  let atEnd = true

  list.addEventListener('scroll', () => {
    if (list.clientHeight) atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  }, { passive: true })
  new ResizeObserver(stay).observe(list)
  part('traffic-search').addEventListener('input', (e) => { search = e.target.value.trim().toLowerCase(); sift() })
  part('traffic-clear').addEventListener('click', () => { rows.clear(); list.replaceChildren(); sift() })
  app.on('words', () => { head(); for (const row of rows.values()) fill(row.node, drawRow(row)); nameDays() })
  app.on('me', () => { for (const row of rows.values()) fill(row.node, drawRow(row)); nameDays() })

  return {
    // load reads what is new; a new world is read from its newest entries on.
    load: async (fresh) => {
      if (fresh) {
        seq = undefined
        rows.clear()
        list.replaceChildren()
        head()
      }
      if (busy) {
        again = true
        return
      }
      busy = true
      try {
        do {
          again = false
          const news = await get('/world/traffic', { since: seq, limit: 200 })
          seq = news.seq
          take(news.entries)
          again ||= news.entries.length === 200
        } while (again)
        if (logShown) await log()
      } catch (e) {
        app.fail(e)
      } finally {
        busy = false
      }
    },
  }

  function head() {
    const filter = (kind, drawing) => el('button', { type: 'button', class: 'chip', 'aria-pressed': String(shownKinds[kind]), 'data-test': `traffic-${kind}`, onclick: (e) => {
      shownKinds[kind] = !shownKinds[kind]
      e.currentTarget.setAttribute('aria-pressed', String(shownKinds[kind]))
      sift()
    } }, icon(drawing), app.t(`traffic.${kind}`))
    const toggle = (test, label, is, turn) => el('button', { type: 'button', class: 'chip', 'aria-pressed': String(is), 'data-test': test, onclick: (e) => { turn(); e.currentTarget.setAttribute('aria-pressed', String(test === 'traffic-log' ? logShown : onlyFailed)) } }, label)
    fill(part('traffic-filters'), filter('envelope', 'in'), filter('slack', 'out'), filter('cloud', 'cloud'),
      toggle('traffic-failed', app.t('traffic.failed'), onlyFailed, () => { onlyFailed = !onlyFailed; sift() }),
      toggle('traffic-log', app.t('traffic.log'), logShown, () => { logShown = !logShown; list.hidden = logShown; part('log').hidden = !logShown; empty(); if (logShown) log().catch(app.fail) }))
  }

  function take(entries) {
    if (!entries.length) return
    const news = document.createDocumentFragment()
    for (const entry of entries) {
      const known = rows.get(entry.id)
      if (known) {
        known.entry = entry
        fill(known.node, drawRow(known))
        continue
      }
      const row = { entry, node: el('li', {}), open: false }
      rows.set(entry.id, row)
      fill(row.node, drawRow(row))
      news.append(row.node)
    }
    list.append(news)
    for (const [id, row] of rows) {
      if (rows.size <= kept) break
      row.node.remove()
      rows.delete(id)
    }
    sift(entries)
    stay()
  }

  // stay keeps the newest entry in sight, also when the pane is opened, unless its reader scrolled away.
  function stay() {
    if (atEnd) list.scrollTop = list.scrollHeight
  }

  function empty() {
    part('traffic-none').hidden = rows.size > 0 || logShown
    part('traffic-unfound').hidden = rows.size === 0 || logShown || [...rows.values()].some((r) => !r.node.hidden)
  }

  // nameDays puts a row before the first entry of each day that is in sight: the clock may go on by days at once.
  function nameDays() {
    for (const node of days.splice(0)) node.remove()
    let last = ''
    for (const { node, day: on, entry } of rows.values()) {
      if (node.hidden || on === last) continue
      last = on
      const row = el('li', { class: 'day', 'data-day': on }, show(new Date(entry.at), app.pageReader(), { dateStyle: 'full' }))
      node.before(row)
      days.push(row)
    }
  }

  // sift hides what is not asked for.
  function sift(some) {
    for (const row of some ? some.map((e) => rows.get(e.id)).filter(Boolean) : rows.values()) {
      const { kind, name, status, ok, request } = row.entry
      const found = !search || `${name} ${status} ${word('status', status)} ${JSON.stringify(request)} ${JSON.stringify(row.entry.answer ?? '')}`.toLowerCase().includes(search)
      row.node.hidden = !shownKinds[kind] || (onlyFailed && ok) || !found
    }
    nameDays()
    empty()
  }

  // word is one of ours in the page's language; a server's own code stays as it is.
  function word(kind, code) {
    const key = `traffic.${kind}.${code}`
    const known = app.t(key)
    return known === key ? code : known
  }

  function drawRow(row) {
    const { entry } = row
    row.node.className = `entry ${entry.kind}${entry.ok ? '' : ' failed'}`
    row.node.dataset.traffic = entry.id
    row.node.dataset.name = entry.name
    row.day = day(new Date(entry.at), app.me.zone)
    const body = el('div', { class: 'entry-body' })
    const draw = () => fill(body, [['traffic.request', entry.request], ['traffic.answer', entry.answer]].filter(([, v]) => v !== undefined && v !== null)
      .map(([key, v]) => [el('h4', {}, app.t(key)), jsonView(v, app)]), entry.fault && el('p', { class: 'dim' }, app.t('traffic.fault', { what: entry.fault.split('+').map((f) => word('fault', f)).join(' + ') })))
    const toggled = () => {
      const opened = details.open && !row.open // by the reader, not drawn again
      row.open = details.open
      if (details.open) draw()
      if (opened) row.node.scrollIntoView({ block: 'nearest' })
    }
    const details = el('details', { ontoggle: toggled },
      el('summary', { title: [entry.name, word('status', entry.status), entry.took].filter(Boolean).join(' · ') },
        el('time', { datetime: entry.at }, show(new Date(entry.at), app.pageReader(), { timeStyle: 'medium' })),
        el('span', { class: 'kind', title: app.t(`traffic.${entry.kind}`) }, icon({ envelope: 'in', slack: 'out', cloud: 'cloud' }[entry.kind] || 'out')),
        el('span', { class: 'what' }, entry.name),
        el('span', { class: 'how' }, word('status', entry.status), entry.took && el('small', {}, ` ${entry.took}`))),
      body)
    details.open = row.open
    if (row.open) draw()
    return details
  }

  async function log() {
    const { lines } = await get('/world/log')
    const box = part('log')
    const end = box.scrollHeight - box.scrollTop - box.clientHeight < 40
    box.textContent = lines.join('\n')
    if (end) box.scrollTop = box.scrollHeight
  }
}
