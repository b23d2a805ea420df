import { el } from './dom.js'

// Questions in a dialog of the page.

// ask shows a question and tells whether, or with which of the answers, it was answered: {title, body, answers:
// [{label, value, style}], cancel}. Escape and the cancel button give null.
export function ask({ title, body, answers, cancel, wide, test }) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { class: wide ? 'ask wide' : 'ask', 'data-test': test || 'ask', 'aria-labelledby': 'ask-title' })
    const end = (value) => { resolve(value); dialog.close() }
    dialog.append(
      el('h2', { id: 'ask-title' }, title),
      el('div', { class: 'ask-body' }, body),
      el('div', { class: 'ask-answers' },
        el('button', { type: 'button', 'data-answer': 'cancel', onclick: () => end(null) }, cancel),
        (answers || []).map((a, i) => el('button', {
          type: 'button', class: a.style || 'primary', 'data-answer': a.value === true ? 'yes' : a.value,
          autofocus: i === answers.length - 1, onclick: () => end(a.value),
        }, a.label))),
    )
    dialog.addEventListener('close', () => { resolve(null); dialog.remove() })
    dialog.addEventListener('click', (e) => { if (e.target === dialog) end(null) })
    document.body.append(dialog)
    dialog.showModal()
  })
}
