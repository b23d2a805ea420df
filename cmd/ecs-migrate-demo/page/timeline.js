import { el, fill } from './dom.js'
import { drawAgain } from './again.js'

// A long list that stays quick: rows are keyed, only changed ones are drawn again, and those far from the window are
// drawn when the browser has nothing else to do.

// How many rows may be drawn at once without anybody feeling it, and how many a list may have before the browser is
// told to leave those out of sight alone.
const atOnce = 12
const long = 60

// How long a hand rests, in milliseconds, before rows out of sight are drawn again.
const rested = 150

// newTimeline keeps rows in a list inside a scroller. It follows the end of the list unless its reader scrolled away:
// the bottom, or where the last row is taller than the scroller, that row's top, because there its news and buttons are.
export function newTimeline(list, scroller, { onpin } = {}) {
  const rows = new Map() // by key: {node, item, drawn}
  const waiting = new Set()
  let follows = 'end' // 'end' as told above, 'bottom' where the reader went there, '' where they scrolled away
  let set = -1 // where the scroller was put, to tell the reader's own scrolling from it
  let lastKey = ''
  let idle = 0
  let moved = 0 // when the reader scrolled last

  // Only rows that wait are watched: watching costs a little at every frame.
  const watcher = new IntersectionObserver((entries) => {
    for (const e of entries) {
      const row = e.isIntersecting && rows.get(e.target.dataset.key)
      if (row && waiting.has(row)) draw(row)
    }
  }, { root: scroller, rootMargin: '600px' })

  scroller.addEventListener('scroll', () => {
    if (Math.abs(scroller.scrollTop - set) < 2) return
    moved = performance.now()
    const near = (to) => Math.abs(scroller.scrollTop - to) < 40
    follow(near(end()) ? 'end' : near(bottom()) ? 'bottom' : '')
  }, { passive: true })
  // Rows get their true height only when they come into sight.
  const resized = new ResizeObserver(stay)
  resized.observe(list)
  resized.observe(scroller)

  return {
    // update takes the list as it should be: [{key, version, data, draw}], draw giving a row's children.
    update(items) {
      const keys = new Set(items.map((i) => i.key))
      for (const [key, row] of rows) {
        if (!keys.has(key)) forget(key, row)
      }
      list.classList.toggle('long', items.length > long)
      let before = null
      const changed = []
      for (const item of items) {
        const row = rows.get(item.key) || add(item)
        if (row.item.version !== item.version || !row.drawn) changed.push(row)
        row.item = item
        const should = before ? before.nextSibling : list.firstChild
        if (should !== row.node) list.insertBefore(row.node, should)
        before = row.node
      }
      const few = changed.length <= atOnce
      const newest = new Set(changed.slice(-atOnce))
      for (const row of changed) {
        for (const [name, value] of Object.entries(row.item.data || {})) row.node.setAttribute(name, value)
        if (few || newest.has(row)) draw(row)
        else wait(row)
      }
      rest()
      const key = items.at(-1)?.key || ''
      if (follows && key !== lastKey) toEnd()
      else stay()
      lastKey = key
    },
    toEnd,
    // reveal brings a row into sight and gives its node, null where there is none.
    reveal(key) {
      const row = rows.get(key)
      if (!row) return null
      if (waiting.has(row)) draw(row)
      follow('')
      const show = () => row.node.scrollIntoView({ block: row.node.offsetHeight > scroller.clientHeight ? 'start' : 'center' })
      show()
      requestAnimationFrame(show) // once the rows around it have their true heights
      return row.node
    },
    // startOver forgets where the reader was: another channel is shown.
    startOver() {
      for (const [key, row] of rows) forget(key, row)
      lastKey = ''
      follow('end')
    },
    get pinned() { return Boolean(follows) },
  }

  function add(item) {
    const row = { node: el('li', { 'data-key': item.key }), item, drawn: false }
    rows.set(item.key, row)
    return row
  }

  function forget(key, row) {
    watcher.unobserve(row.node)
    waiting.delete(row)
    if (row.node.contains(document.activeElement)) scroller.focus({ preventScroll: true })
    row.node.remove()
    rows.delete(key)
  }

  function wait(row) {
    waiting.add(row)
    watcher.unobserve(row.node) // so that it is told anew whether it is in sight
    watcher.observe(row.node)
  }

  function draw(row) {
    waiting.delete(row)
    watcher.unobserve(row.node)
    row.drawn = true
    drawAgain(row.node, () => fill(row.node, row.item.draw()))
  }

  // rest draws what waits, the newest first, while nothing else is to do.
  function rest() {
    if (!waiting.size || idle) return
    idle = whenIdle((deadline) => {
      idle = 0
      const todo = performance.now() - moved < rested ? [] : [...waiting].reverse()
      for (let i = 0; i < todo.length && (i === 0 || deadline.timeRemaining() > 4); i++) draw(todo[i])
      if (todo.length) rest()
      else idle = setTimeout(() => { idle = 0; rest() }, rested)
    })
  }

  function follow(what) {
    const was = follows
    follows = what
    if (Boolean(was) !== Boolean(what)) onpin?.()
  }

  function bottom() {
    return scroller.scrollHeight - scroller.clientHeight
  }

  function end() {
    const last = list.lastElementChild
    return last ? Math.min(bottom(), last.offsetTop) : 0
  }

  function toEnd() {
    follow('end')
    stay()
  }

  // stay keeps the reader where they were when heights change.
  function stay() {
    if (!follows) return
    scroller.scrollTop = follows === 'end' ? end() : bottom()
    set = scroller.scrollTop
  }
}

function whenIdle(work) {
  if (window.requestIdleCallback) return requestIdleCallback(work, { timeout: 500 })
  return setTimeout(() => work({ timeRemaining: () => 8 }), 30)
}

// flash shows for a moment which row is meant.
export function flash(row) {
  row.classList.add('flash')
  setTimeout(() => row.classList.remove('flash'), 1600)
}
