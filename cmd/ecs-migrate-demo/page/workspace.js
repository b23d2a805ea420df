import { el, fill, icon, setText } from './dom.js'
import { post } from './api.js'
import { drawBlocks } from './blocks.js'
import { openComposer } from './composer.js'
import { day, nearDay, show } from './dates.js'
import { menu } from './menu.js'
import { mentions, messageItem, sentAt } from './message.js'
import { drawAgain } from './again.js'
import { flash, newTimeline } from './timeline.js'
import { parse, plainText } from './mrkdwn.js'

// The workspace: the list of places, and what is said in the one that is open.

export function openWorkspace(app, slack) {
  const $ = (name) => document.querySelector(`[data-part="${name}"]`)
  const timeline = newTimeline($('timeline'), $('scroller'), { onpin: () => { $('to-end').hidden = timeline.pinned } })
  let drawnHome = ''

  openComposer($('composer'), app, { where: () => ({ channel: app.place?.channel }), sent: () => timeline.toEnd() })
  $('to-end').addEventListener('click', () => timeline.toEnd())

  app.on('channels', () => { places(); head() })
  app.on('me', () => {
    if (app.place && !app.place.home && !current()) return open(start())
    redraw()
    if (app.place?.home) visitHome() // theirs may never have been published
  })
  app.on('words', redraw)
  app.on('day', redraw)
  app.on('home', () => { if (app.place?.home) home() })
  app.on('messages', ({ channel, fresh }) => {
    if (channel === app.place?.channel) messages()
    announce(channel, fresh)
    places()
  })
  app.on('read', ({ channel }) => {
    if (channel === app.place?.channel) messages()
    places()
  })
  app.on('go', ({ channel, ts, thread }) => {
    if (!app.channels.some((c) => c.id === channel)) return
    if (app.place?.channel !== channel) open({ channel })
    app.tell('show', 'workspace')
    const m = ts && slack.message(channel, ts)
    const parent = thread || m?.thread_ts
    if (parent) app.tell('thread', { channel, ts: parent, reply: ts })
    const key = `${channel}/${parent && !m?.reply_broadcast ? parent : ts}`
    const row = ts && timeline.reveal(key)
    if (row && !parent) flash(row)
    if (m && !parent && slack.replies(channel).get(ts)) app.tell('thread', { channel, ts })
  })

  return { open, start }

  // start is where a person begins: where they were, else where most is said.
  function start() {
    const kept = sessionStorage.getItem('place')
    const open = app.channels.filter((c) => !c.user && !c.is_archived)
    const busiest = open.toSorted((a, b) => slack.timeline(b.id).length - slack.timeline(a.id).length)[0]
    const channel = app.channels.find((c) => c.id === kept) || busiest
    return kept === 'home' || !channel ? { home: true } : { channel: channel.id }
  }

  function open(place) {
    const moved = place.channel !== app.place?.channel || place.home !== app.place?.home
    app.place = place
    sessionStorage.setItem('place', place.channel || 'home')
    if (moved) {
      timeline.startOver()
      app.tell('thread', null)
    }
    if (place.home) visitHome()
    redraw()
    app.tell('place')
  }

  // visitHome tells the app that its Home tab is looked at, which is when it publishes it.
  function visitHome() {
    app.act('home', {}).catch(app.fail)
  }

  function redraw() {
    if (!app.place) return
    drawnHome = ''
    head()
    if (app.place.home) home()
    else messages()
    places()
  }

  function current() {
    return app.channels.find((c) => c.id === app.place?.channel)
  }

  // places draws the list of channels, with what each holds that the acting person has not seen.
  function places() {
    if (!app.me || !app.place) return
    const item = (place, label, mark, { count = 0, called = false } = {}) => {
      const on = place.home ? app.place.home || Boolean(current()?.user) : app.place.channel === place.channel
      return el('li', {}, el('button', {
        type: 'button', 'aria-current': on ? 'page' : null, class: [count && 'unread', called && 'called'].filter(Boolean).join(' ') || null,
        'data-place': place.channel || 'home', 'data-test': place.home ? 'place-home' : 'place-channel', onclick: () => open(place),
      }, mark, el('span', {}, label), count > 0 && el('span', { class: 'badge', 'aria-label': app.t('unread', { n: count }) }, String(count))))
    }
    const direct = app.channels.find((c) => c.user)
    drawAgain($('places'), () => fill($('places'),
      el('h2', {}, app.t('places.channels')),
      el('ul', {}, app.channels.filter((c) => !c.user).map((c) => item({ channel: c.id }, c.name, el('span', { class: 'hash', 'aria-hidden': 'true' }, c.is_private ? '◆' : '#'), unread(c.id)))),
      el('h2', {}, app.t('places.apps')),
      el('ul', {}, item({ home: true }, app.t('bot.name'), el('span', { class: 'dot bot', 'aria-hidden': 'true' }), direct ? unread(direct.id) : {}))))
  }

  // unread counts what stands in a channel itself, and the replies that call the acting person.
  function unread(channel) {
    const inThreads = [...calls(channel).values()].reduce((sum, n) => sum + n, 0)
    const list = slack.timeline(channel).filter((m) => !m.to && !m.deleted && m.user !== app.me.id)
    if (channel === app.place?.channel && document.visibilityState === 'visible') {
      if (list.length) app.reads.keep(channel, list.at(-1).ts)
      return { count: inThreads, called: inThreads > 0 }
    }
    const seen = app.reads.upTo(channel)
    const news = list.filter((m) => m.ts > seen)
    return { count: news.length + inThreads, called: inThreads > 0 || news.some((m) => mentions(m, app)) }
  }

  // calls counts by thread the replies that mention the acting person and that they have not seen: nothing else in
  // the channel tells of them.
  function calls(channel) {
    const out = new Map()
    for (const m of slack.answers(channel)) {
      if (m.reply_broadcast || m.ts <= app.reads.upTo(`${channel}/${m.thread_ts}`) || !mentions(m, app)) continue
      out.set(m.thread_ts, (out.get(m.thread_ts) || 0) + 1)
    }
    return out
  }

  // head draws the title of what is open, and the tabs of the app's own place.
  function head() {
    if (!app.place || !app.me) return
    const channel = current()
    const direct = app.channels.find((c) => c.user)
    const own = app.place.home || channel?.user
    const tab = (on, place, label, test) => el('button', { type: 'button', 'aria-current': on ? 'page' : null, 'data-test': test, disabled: !place, onclick: () => open(place) }, label)
    drawAgain($('head'), () => fill($('head'),
      el('h2', { tabindex: '-1' }, own ? app.t('bot.name') : `# ${channel?.name || ''}`),
      own && el('div', { class: 'tabs' },
        tab(app.place.home, { home: true }, app.t('home.tab'), 'tab-home'),
        tab(!app.place.home, direct && { channel: direct.id }, app.t('home.messages'), 'tab-messages')),
      !own && channel && channelMenu(channel)))
    $('scroller').hidden = Boolean(app.place.home)
    $('home').hidden = !app.place.home
    $('to-end').hidden = app.place.home || timeline.pinned
    fill($('away'), channel?.bot_absent && app.t('channel.absent'), channel?.is_archived && app.t('channel.archived'))
    $('away').hidden = !channel?.bot_absent && !channel?.is_archived
    $('composer').hidden = Boolean(app.place.home) || Boolean(channel?.is_archived)
  }

  function channelMenu(channel) {
    const change = (what) => () => post(`/slack/control/${what}`, { channel: channel.id }).catch(app.fail)
    const b = el('button', { type: 'button', class: 'more', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'aria-label': app.t('channel.menu'), 'data-test': 'channel-menu',
      onclick: () => menu(b, [
        channel.bot_absent ? { label: app.t('channel.invite'), do: change('invite'), data: { 'data-test': 'invite' } } : { label: app.t('channel.kick'), do: change('kick'), data: { 'data-test': 'kick' } },
        !channel.is_archived && { label: app.t('channel.archive'), danger: true, do: change('archive'), data: { 'data-test': 'archive' } },
      ].filter(Boolean)) }, icon('more'))
    return b
  }

  function messages() {
    const list = slack.timeline(app.place.channel)
    const replies = slack.replies(app.place.channel)
    const called = calls(app.place.channel)
    const openThread = (ts) => app.tell('thread', { channel: app.place.channel, ts })
    const items = []
    let last = ''
    for (const m of list) {
      const more = replies.get(m.ts) && { ...replies.get(m.ts), calls: called.get(m.ts) }
      if (m.deleted && !more) continue
      const on = day(sentAt(m.ts), app.me.zone)
      if (on !== last) items.push(dayItem(on, sentAt(m.ts)))
      last = on
      items.push(messageItem(m, app, slack, { replies: more, openThread }))
    }
    $('timeline').dataset.count = String(items.length)
    $('empty').hidden = items.length > 0
    setText($('empty'), app.t('channel.empty'))
    timeline.update(items)
  }

  function dayItem(on, date) {
    const text = () => capital(nearDay(date, app.pageReader())) || show(date, app.pageReader(), { dateStyle: 'full' })
    return { key: `day ${on}`, version: app.stamp(), data: { class: 'day' }, draw: () => [el('span', {}, text())] }
  }

  function capital(text) {
    return text.slice(0, 1).toLocaleUpperCase(app.pageReader().locale) + text.slice(1)
  }

  // home draws the app's Home tab as the acting person sees it.
  function home() {
    const view = slack.home
    const stamp = `${view?.hash}|${app.stamp()}`
    if (stamp === drawnHome) return
    drawnHome = stamp
    const surface = { app, where: { view: 'home' }, container: 'home' }
    drawAgain($('home'), () => fill($('home'), view ? el('div', { class: 'home', 'data-view': view.id }, drawBlocks(view.blocks, surface)) : el('p', { class: 'dim' }, app.t('home.none'))))
  }

  // announce reads new messages out.
  function announce(channel, fresh) {
    if (!fresh.length || channel !== app.place?.channel) return
    const m = fresh.at(-1)
    const text = plainText(parse(m.text)).slice(0, 160)
    app.say(fresh.length > 1 ? app.t('said.many', { n: fresh.length }) : m.to ? app.t('said.toYou', { text }) : app.t('said.one', { who: m.bot_id ? app.t('bot.name') : app.personName(m.user), text }))
  }
}
