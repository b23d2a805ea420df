import { el } from './dom.js'

// Menus that open under a button: the browser's own popover, which closes at Escape and at a click elsewhere, with
// the arrow keys that a menu needs.

// popUnder shows content under a button until it is dismissed. It gives a function that closes it.
export function popUnder(button, content, { onclose, focus, label } = {}) {
  const box = el('div', { class: 'popover', popover: 'auto', role: label ? 'dialog' : null, 'aria-label': label }, content)
  // A popover must lie in the dialog that its button lies in, or the dialog makes it inert.
  const host = button.closest('dialog') || document.body
  host.append(box)
  button.setAttribute('aria-expanded', 'true')
  box.addEventListener('toggle', (e) => {
    if (e.newState !== 'closed') return
    button.setAttribute('aria-expanded', 'false')
    if (box.contains(document.activeElement) || document.activeElement === document.body) button.focus()
    box.remove()
    onclose?.()
  })
  // Tab past the edge goes on from the button: the box itself lies at the end of the page.
  box.addEventListener('keydown', (e) => {
    if (e.key !== 'Tab') return
    const stops = [...box.querySelectorAll(':is(button, input):not(:disabled, [tabindex="-1"])')]
    const edge = e.shiftKey ? stops[0] : stops.at(-1)
    if (document.activeElement === edge || !stops.includes(document.activeElement)) close()
  })
  box.addEventListener('focusout', (e) => { if (e.relatedTarget && !box.contains(e.relatedTarget)) close() })
  box.showPopover()
  place(box, button)
  const first = focus?.() || box.querySelector('[role^=menuitem], input, button')
  first?.focus()
  return close

  function close() {
    if (box.matches(':popover-open')) box.hidePopover()
  }
}

// place sets a box under its button, or above where there is more room, and never over the window's edge.
function place(box, button) {
  const b = button.getBoundingClientRect()
  const room = { below: innerHeight - b.bottom - 8, above: b.top - 8 }
  const over = room.below < box.offsetHeight && room.above > room.below
  box.style.maxHeight = `${over ? room.above : room.below}px`
  box.style.insetInlineStart = `${Math.max(8, Math.min(b.left, innerWidth - box.offsetWidth - 8))}px`
  box.style.insetBlockStart = over ? `${Math.max(8, b.top - box.offsetHeight - 4)}px` : `${b.bottom + 4}px`
}

// menu opens a menu of {label, note, danger, checked, data, do} under a button.
export function menu(button, items, { label } = {}) {
  let close = () => {}
  const role = items.some((i) => i.checked !== undefined) ? 'menuitemradio' : 'menuitem'
  const list = el('div', { role: 'menu', 'aria-label': label || button.getAttribute('aria-label') || button.textContent, onkeydown: arrows },
    items.map((item) => el('button', {
      type: 'button', role, tabindex: '-1', class: item.danger ? 'danger' : null,
      'aria-checked': item.checked === undefined ? null : String(item.checked), ...item.data,
      onclick: () => { close(); item.do() },
    }, item.label, item.note && el('small', {}, item.note))))
  close = popUnder(button, list, { focus: () => list.querySelector('[aria-checked=true]') })
  return close
}

// arrows moves the focus within a list of buttons or options.
export function arrows(e) {
  const items = [...e.currentTarget.querySelectorAll('[role^=menuitem], [role=radio]')]
  const at = items.indexOf(document.activeElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[e.key]
  if (to === undefined) return
  e.preventDefault()
  items[(to + items.length) % items.length]?.focus()
}
