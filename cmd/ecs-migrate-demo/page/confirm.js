import { el } from './dom.js'

// Questions in a dialog of the page.

// ask shows a question and tells whether, or with which of the answers, it was answered: {title, body, answers:
// [{label, value, style}], cancel}. Escape, the cancel button and a click beside the dialog give null. The last answer
// has the focus, unless it destroys something.
export function ask({ title, body, answers, cancel, wide, test }) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { class: wide ? 'ask wide' : 'ask', 'data-test': test || 'ask', 'aria-labelledby': 'ask-title' })
    const end = (value) => { resolve(value); dialog.close() }
    const harmful = answers?.at(-1)?.style === 'danger'
    dialog.append(
      el('h2', { id: 'ask-title' }, title),
      el('div', { class: 'ask-body' }, body),
      el('div', { class: 'ask-answers' },
        el('button', { type: 'button', 'data-answer': 'cancel', autofocus: harmful, onclick: () => end(null) }, cancel),
        (answers || []).map((a, i) => el('button', {
          type: 'button', class: a.style || 'primary', 'data-answer': a.value === true ? 'yes' : a.value,
          autofocus: !harmful && i === answers.length - 1, onclick: () => end(a.value),
        }, a.label))),
    )
    dialog.addEventListener('close', () => { resolve(null); dialog.remove() })
    // The press counts too: whoever selects a text may let go beside the dialog.
    let pressed = false
    dialog.addEventListener('pointerdown', (e) => { pressed = beside(dialog, e) })
    dialog.addEventListener('click', (e) => { if (pressed && beside(dialog, e)) end(null) })
    document.body.append(dialog)
    dialog.showModal()
  })
}

// beside tells whether a press is on a dialog's backdrop, which is the dialog to events.
function beside(dialog, e) {
  const box = dialog.getBoundingClientRect()
  return e.target === dialog && (e.clientX < box.left || e.clientX > box.right || e.clientY < box.top || e.clientY > box.bottom)
}
