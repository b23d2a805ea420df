import { el, fill, icon, setText } from './dom.js'
import { post } from './api.js'
import { ago, clock, day, moment, nearDay, show, utc, zoneName } from './dates.js'

// The demo's clock and the doors through which it is moved on. The real bot has none.

export function openTime(app) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`)
  let moving = false
  let lastMinute = ''
  let lastDay = ''

  part('clock-hour').addEventListener('click', () => move({ advance: '1h' }))
  part('clock-day').addEventListener('click', () => move({ advance: '24h' }))
  part('clock-next').addEventListener('click', () => move({ next: true }))
  app.on('world', draw)
  app.on('me', draw)
  app.on('words', draw)
  setInterval(() => { if (app.world && app.me) tick() }, 1000)

  function draw() {
    if (!app.world || !app.me) return
    tick()
    const busy = moving || app.world.moving
    for (const name of ['clock-hour', 'clock-day', 'clock-next']) part(name).disabled = busy || (name === 'clock-next' && !app.world.next)
    part('clock').toggleAttribute('data-moving', busy)
    const next = app.world.next
    fill(part('clock-next'), icon('next'), el('span', {},
      el('strong', {}, app.t(busy ? 'time.moving' : 'time.next')),
      el('small', {}, next ? [el('span', { class: 'due' }, what(next)), ...when(next.at)] : app.t('time.nothing'))))
    part('clock-next').title = next ? `${what(next)} · ${show(new Date(next.at), app.pageReader(), { dateStyle: 'full', timeStyle: 'short' })} (${zoneName(new Date(next.at), app.me.zone)})` : ''
  }

  function tick() {
    const now = app.now()
    const reader = app.pageReader()
    setText(part('clock-local'), moment(now, reader, { weekday: true }))
    part('clock-local').dateTime = now.toISOString()
    setText(part('clock-zone'), `${reader.zone} ·`)
    setText(part('clock-utc'), `${now.toISOString().slice(11, 16)} UTC`)
    part('clock-local').title = `${zoneName(now, reader.zone)} = ${utc(now)}`
    const minute = now.toISOString().slice(0, 16)
    if (minute !== lastMinute) app.tell('minute')
    lastMinute = minute
    const today = day(now, reader.zone)
    if (lastDay && today !== lastDay) app.tell('day')
    lastDay = today
  }

  // what says in words what is due.
  function what(due) {
    const key = `due.${due.what}`
    const known = app.t(key, { name: due.name || due.event || '' })
    return known === key ? due.what : known
  }

  // when is the time in two parts, of which the second may be cut where there is no room.
  function when(at) {
    const date = new Date(at)
    const reader = app.pageReader()
    const part = (name, text) => el('span', { class: name }, text)
    if (date <= reader.now) return [' · ', part('when', app.t('time.now'))]
    return [' · ', part('when', `${nearDay(date, reader) || show(date, reader, { day: 'numeric', month: 'short' })} ${clock(date, reader)}`), part('left', ` (${ago(date, reader)})`)]
  }

  async function move(by) {
    moving = true
    draw()
    try {
      const done = await post('/world/clock', by)
      app.takeWorld({ now: done.now })
      const lines = (done.steps || []).slice(0, 4).map((s) => `${moment(new Date(s.at), app.pageReader())} · ${what(s)}`)
      if ((done.steps || []).length > 4) lines.push(app.t('time.more', { n: done.steps.length - 4 }))
      app.tell('toast', { text: app.t(done.settled === false ? 'time.unsettled' : 'time.moved', { by: span(done.moved) }), lines })
    } catch (e) {
      app.fail(e)
    } finally {
      moving = false
      draw()
    }
  }

  // span is Go's 26h0m0s as people say it.
  function span(text) {
    const m = /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(text || '')
    if (!m) return text || ''
    const minutes = (Number(m[1]) || 0) * 60 + (Number(m[2]) || 0)
    const parts = [[Math.trunc(minutes / 1440), 'span.d'], [Math.trunc(minutes / 60) % 24, 'span.h'], [minutes % 60, 'span.m']]
    return parts.filter(([n]) => n).map(([n, key]) => app.t(key, { n })).join(' ') || app.t('span.s', { n: Math.round(Number(m[3]) || 0) })
  }
}
