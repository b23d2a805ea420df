import { el, fill, icon } from './dom.js'
import { drawBlocks } from './blocks.js'
import { keepFocus } from './again.js'

// Forms: the view that lies on top of the acting person's stack, in a dialog that holds the focus.

export function openForms(app, slack) {
  const dialog = document.querySelector('[data-part="form"]')
  let shown = null // the view that is drawn, as `id|hash`
  let view = null
  let closing = false
  let opener = null // the control that the form came from

  app.on('views', draw)
  app.on('words', () => { shown = null; draw() })
  dialog.addEventListener('cancel', (e) => {
    e.preventDefault()
    if (e.target === dialog) close(false)
  })
  dialog.addEventListener('submit', (e) => { e.preventDefault(); submit() })

  function draw() {
    view = slack.views.at(-1) || null
    if (!view) return hide()
    const stamp = `${view.id}|${view.hash}|${app.stamp()}`
    if (stamp === shown) return
    const updated = shown?.startsWith(`${view.id}|`)
    shown = stamp
    if (!dialog.open) opener = place(document.activeElement)
    dialog.dataset.view = view.id
    dialog.dataset.callback = view.callback_id || ''
    dialog.dataset.version = String(view.version)
    dialog.removeAttribute('aria-busy')
    const surface = { app, where: { view: view.id }, container: view.id, blocks: view.blocks }
    const content = () => fill(dialog, el('form', { novalidate: true },
      el('header', {},
        el('h2', { id: 'form-title', tabindex: '-1' }, view.title),
        slack.views.length > 1 && el('small', { class: 'dim' }, app.t('form.depth', { n: slack.views.length })),
        el('button', { type: 'button', class: 'bare', 'aria-label': app.t('form.closeAll'), 'data-test': 'form-close-all', onclick: () => close(true) }, icon('close'))),
      el('div', { class: 'form-body', 'data-part': 'form-body' }, drawBlocks(view.blocks, surface)),
      el('p', { class: 'block-note', role: 'alert', 'data-part': 'form-trouble', hidden: true }),
      el('footer', {},
        el('button', { type: 'button', 'data-test': 'form-cancel', onclick: () => close(false) }, view.close || (view.submit ? app.t('cancel') : app.t('close'))),
        view.submit && el('button', { type: 'submit', class: 'primary', 'data-test': 'form-submit' }, view.submit))))
    if (updated) keepFocus(dialog, content, first)
    else content()
    if (!dialog.open) dialog.showModal()
    if (!updated || !dialog.contains(document.activeElement)) first()?.focus()
  }

  // first is where a form begins: the field that asks for it, else the first one, else its title.
  function first() {
    const body = dialog.querySelector('.form-body')
    return body.querySelector('[autofocus]') || body.querySelector('.block-input :is(input, select, textarea, button)') || dialog.querySelector('#form-title')
  }

  function hide() {
    shown = null
    if (!dialog.open) return
    const back = opener
    dialog.close()
    fill(dialog)
    // The card may have been drawn again meanwhile: the browser's own way back would lead nowhere.
    const node = back && find(back)
    if (node) node.focus({ preventScroll: true })
  }

  async function submit() {
    if (!view?.submit || dialog.getAttribute('aria-busy')) return
    const at = view
    dialog.setAttribute('aria-busy', 'true')
    refuse({}, '')
    try {
      const reply = await app.act('submit', { view: at.id, values: app.picks.touched({ container: at.id }, at.blocks) })
      refuse(reply.field_errors || {}, reply.error ? app.t(`slack.${reply.error}`) : '')
    } catch (e) {
      refuse({}, e.message)
    } finally {
      dialog.removeAttribute('aria-busy')
      slack.readViews()
    }
  }

  // refuse shows what is wrong beside its field, and leads there.
  function refuse(errors, trouble) {
    for (const node of dialog.querySelectorAll('[data-error-for]')) {
      const text = errors[node.dataset.errorFor] || ''
      node.textContent = text
      const control = node.closest('[data-block]').querySelector('input, select, textarea, button')
      if (text) control?.setAttribute('aria-invalid', 'true')
      else control?.removeAttribute('aria-invalid')
    }
    const note = dialog.querySelector('[data-part="form-trouble"]')
    if (note) {
      note.textContent = trouble
      note.hidden = !trouble
    }
    dialog.querySelector('[aria-invalid]')?.focus()
  }

  async function close(all) {
    if (!view || closing) return
    closing = true
    try {
      await app.act('close', { view: all ? '' : view.id, all })
    } catch (e) {
      app.fail(e)
    } finally {
      closing = false
    }
    slack.readViews()
  }

  // place remembers a control by what it does.
  function place(node) {
    const row = node?.closest?.('[data-key]')
    return { node, key: row?.dataset.key, action: node?.dataset?.actionId }
  }

  function find({ node, key, action }) {
    if (node?.isConnected && node !== document.body) return node
    const row = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`)
    return row && ((action && row.querySelector(`[data-action-id="${CSS.escape(action)}"]`)) || row.querySelector('button'))
  }
}
