import { el, fill, icon, setText } from './dom.js'
import { openComposer } from './composer.js'
import { messageItem } from './message.js'
import { flash, newTimeline } from './timeline.js'

// A message's thread, beside what is said in the channel.

export function openThreads(app, slack) {
  const pane = document.querySelector('[data-pane="thread"]')
  const part = (name) => pane.querySelector(`[data-part="${name}"]`)
  fill(part('thread-close'), icon('close'))
  part('thread-close').addEventListener('click', () => close())
  const timeline = newTimeline(part('thread-timeline'), part('thread-scroller'))
  let at = null // {channel, ts}
  let back = null // where the focus was

  const moved = openComposer(part('thread-composer'), app, { where: () => ({ channel: at?.channel, thread_ts: at?.ts }), sent: () => timeline.toEnd() })
  app.on('thread', (to) => (to ? open(to) : close()))
  app.on('messages', ({ channel }) => { if (channel === at?.channel) draw() })
  app.on('me', () => draw())
  app.on('words', () => draw())
  app.on('day', () => draw())
  pane.addEventListener('keydown', (e) => {
    if (e.key === 'Escape' && !e.defaultPrevented) close()
  })

  function open({ channel, ts, reply }) {
    const other = at?.channel !== channel || at?.ts !== ts
    if (other) {
      back = document.activeElement
      timeline.startOver()
    }
    at = { channel, ts }
    moved()
    pane.hidden = false
    document.body.dataset.thread = 'open'
    draw()
    const row = reply && reply !== ts && timeline.reveal(`${channel}/${reply}`)
    if (row) flash(row)
    if (other) part('thread-title').focus({ preventScroll: true })
  }

  function close() {
    if (!at) return
    at = null
    pane.hidden = true
    document.body.dataset.thread = 'closed'
    if (back?.isConnected) back.focus({ preventScroll: true })
  }

  function draw() {
    if (!at || !app.me) return
    const parent = slack.message(at.channel, at.ts)
    if (!parent) return close()
    const replies = slack.thread(at.channel, at.ts).filter((m) => !m.deleted)
    setText(part('thread-channel'), `#${app.channelName(at.channel) || ''}`)
    const count = { key: 'count', version: `${replies.length}|${app.stamp()}`, data: { class: 'day' }, draw: () => [el('span', {}, app.t(replies.length === 1 ? 'replies.one' : 'replies.many', { n: replies.length }))] }
    const item = (m) => messageItem(m, app, slack, { inThread: true, openThread: () => {} })
    timeline.update([item(parent), count, ...replies.map(item)])
    const newest = replies.findLast((m) => !m.to)
    if (newest && document.visibilityState === 'visible' && app.reads.keep(`${at.channel}/${at.ts}`, newest.ts)) app.tell('read', { channel: at.channel })
  }
}
