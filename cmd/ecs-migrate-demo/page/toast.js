import { el, icon } from './dom.js'

// Short news of what the page itself did, and what went wrong. Screen readers hear it.

export function openToasts(app) {
  const box = document.querySelector('[data-part="toasts"]')
  const said = document.querySelector('[data-part="said"]')

  app.on('toast', ({ text, lines, kind }) => {
    const close = () => node.remove()
    const node = el('div', { class: kind === 'bad' ? 'toast bad' : 'toast', role: kind === 'bad' ? 'alert' : 'status', 'data-test': 'toast' },
      el('div', {}, el('p', {}, text), lines?.length ? el('ul', {}, lines.map((l) => el('li', {}, l))) : null),
      el('button', { type: 'button', class: 'bare', 'aria-label': app.t('close'), onclick: close }, icon('close')))
    box.append(node)
    while (box.children.length > 3) box.firstChild.remove()
    setTimeout(close, kind === 'bad' ? 12000 : 6000)
  })
  app.on('say', (text) => { said.textContent = text })
}
