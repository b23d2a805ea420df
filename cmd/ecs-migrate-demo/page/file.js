import { el, icon } from './dom.js'

// Files in messages: to be kept, and where they are text, to be read here.

// The kinds that are read as text.
const textual = /\.(ics|txt|csv|json|log|md|ya?ml)$/i

// drawFile draws {name, title, size, content}, content being base64.
export function drawFile(file, app) {
  const bytes = Uint8Array.from(atob(file.content || ''), (c) => c.charCodeAt(0))
  const size = file.size < 1024 ? `${file.size} B` : `${(file.size / 1024).toFixed(1)} KiB`
  return el('div', { class: 'file', 'data-file': file.name },
    el('div', { class: 'row' },
      el('strong', {}, file.title || file.name), el('small', { class: 'dim' }, `${file.name} · ${size}`),
      el('button', { type: 'button', 'data-test': 'download', onclick: () => download(file.name, bytes) }, icon('save'), app.t('file.save'))),
    textual.test(file.name) && el('details', { class: 'text' }, el('summary', {}, app.t('file.read')), el('pre', {}, new TextDecoder().decode(bytes))))
}

function download(name, bytes) {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const a = el('a', { href: address, download: name })
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(address), 60000)
}
