import { el, fill, icon } from './dom.js'

// JSON to look into: parts that open and close, drawn when they are opened, and a button that copies all of it.

export function jsonView(value, app) {
  const copy = el('button', { type: 'button', class: 'copy', 'data-test': 'copy', onclick: async () => {
    try {
      await navigator.clipboard.writeText(JSON.stringify(value, null, 2))
      app.tell('toast', { text: app.t('copied') })
    } catch (e) {
      app.fail(e)
    }
  } }, icon('copy'), app.t('copy'))
  return el('div', { class: 'json' }, copy, el('div', { class: 'tree' }, node(value, '', 0)))
}

// How many levels stand open at first.
const openLevels = 2

function node(value, name, depth) {
  const key = name === '' ? null : el('span', { class: 'key' }, `${name}: `)
  if (value === null || typeof value !== 'object') return el('div', { class: 'leaf' }, key, leaf(value))
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (!entries.length) return el('div', { class: 'leaf' }, key, `${left}${right}`)
  const inner = el('div', { class: 'inner' })
  const draw = () => { if (!inner.firstChild) fill(inner, entries.map(([k, v]) => node(v, k, depth + 1))) }
  const open = depth < openLevels && entries.length <= 40
  if (open) draw()
  const part = el('details', { ontoggle: draw }, el('summary', {}, key, left, el('span', { class: 'count' }, String(entries.length)), right), inner)
  part.open = open
  return part
}

function leaf(value) {
  const kind = value === null ? 'null' : typeof value
  return el('span', { class: `is-${kind}` }, kind === 'string' ? JSON.stringify(value) : String(value))
}
