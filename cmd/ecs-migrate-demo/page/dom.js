// Elements are made here and only here, from texts: nothing on this page reads text as markup.

// el makes an element. Properties that begin with "on" are listeners, true is an attribute without a value, and
// null, undefined and false are left out. Children are nodes, texts, lists of them, or nothing.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...flat(children))
  return node
}

// fill puts children in place of what an element holds.
export function fill(node, ...children) {
  node.replaceChildren(...flat(children))
  return node
}

function flat(children) {
  return children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== '')
}

// setText changes a text only where it differs, so that a clock does not disturb a selection or a screen reader.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

// newID gives ids that labels can point at.
let last = 0
export function newID(prefix) {
  return `${prefix}-${++last}`
}

// icon draws one of our own small drawings, which take the colour of the text.
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  for (const [key, value] of [['viewBox', '0 0 16 16'], ['class', 'icon'], ['aria-hidden', 'true']]) svg.setAttribute(key, value)
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', shapes[name])
  svg.append(path)
  return svg
}

const shapes = {
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M4 6l4 4 4-4',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  thread: 'M3 4h10v6H8l-3 3v-3H3z',
  braces: 'M6 3c-2 0-1 4-3 5 2 1 1 5 3 5M10 3c2 0 1 4 3 5-2 1-1 5-3 5',
  trash: 'M3 5h10M6 5V3h4v2M5 5l.6 8h4.8L11 5',
  send: 'M3 13l11-5L3 3l1.5 5zM4.5 8H9',
  next: 'M4 3.5v9l6-4.5zM12 3.5v9',
  in: 'M13 8H3M7 4L3 8l4 4',
  out: 'M3 8h10M9 4l4 4-4 4',
  cloud: 'M4.5 12a2.7 2.7 0 01-.3-5.4 4 4 0 017.7-.4A2.9 2.9 0 0111.6 12z',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  light: 'M8 5a3 3 0 100 6 3 3 0 000-6M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  dark: 'M13 9.5A5.5 5.5 0 016.5 3 5.5 5.5 0 1013 9.5',
  auto: 'M8 2.5a5.5 5.5 0 100 11zM8 2.5a5.5 5.5 0 010 11',
  save: 'M8 2.5v7.5M5 7l3 3 3-3M3 13h10',
}
