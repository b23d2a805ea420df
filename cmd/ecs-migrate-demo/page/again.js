// Drawing something again under somebody's hands.

let pressed = null // what the mouse or a finger is on just now
const waiting = new Map() // by root: what is drawn once it is let go

addEventListener('pointerdown', (e) => { pressed = e.target }, true)
for (const name of ['pointerup', 'pointercancel']) addEventListener(name, () => setTimeout(letGo), true) // behind the click
addEventListener('pointermove', (e) => { if (pressed && !e.buttons) letGo() }, true)
addEventListener('blur', letGo) // of the window

// drawAgain draws something again, and what somebody presses just now once they let go of it: a button that is replaced
// between press and release is never clicked.
export function drawAgain(root, draw, instead) {
  if (pressed && root.contains(pressed)) waiting.set(root, () => keepFocus(root, draw, instead))
  else keepFocus(root, draw, instead)
}

function letGo() {
  pressed = null
  const all = [...waiting.values()]
  waiting.clear()
  for (const draw of all) draw()
}

// keepFocus draws something again under somebody's hands: whoever stood on a control stands on it afterwards, or, where
// it is gone, on what instead() gives: the first button, else the whole.
export function keepFocus(root, draw, instead = () => root.querySelector('button:not(:disabled)')) {
  const at = root.contains(document.activeElement) ? document.activeElement : null
  const path = at && selector(at)
  const caret = at && 'selectionStart' in at ? [at.selectionStart, at.selectionEnd] : null
  draw()
  if (!at) return
  const again = path && root.querySelector(path)
  again?.focus({ preventScroll: true })
  if (!again || document.activeElement !== again) {
    const other = instead() || root
    if (other === root) root.tabIndex = -1
    other.focus({ preventScroll: true })
    return
  }
  if (caret && caret[0] !== null) {
    try {
      again.setSelectionRange(...caret)
    } catch {
      // a field of a type without a caret
    }
  }
}

function selector(node) {
  const owner = node.closest('[data-action-id]')
  if (!owner) return node.dataset.test ? `[data-test="${CSS.escape(node.dataset.test)}"]` : null
  const own = `[data-action-id="${CSS.escape(owner.dataset.actionId)}"][data-block-id="${CSS.escape(owner.dataset.blockId)}"]`
  const loose = `[data-action-id="${CSS.escape(owner.dataset.actionId)}"]`
  const option = node.dataset.option === undefined || node === owner ? '' : ` [data-option="${CSS.escape(node.dataset.option)}"]`
  return `${own}${option}, ${loose}${option}`
}
