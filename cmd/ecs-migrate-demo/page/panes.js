// Which panes are seen: one at a time in a narrow window, two or three in a wide one.

export function openPanes(app) {
  const show = (name) => {
    document.body.dataset.show = name
    if (name !== 'workspace') document.body.dataset.side = name
    for (const b of document.querySelectorAll('[data-show-pane]')) {
      const group = b.closest('[data-part="side-tabs"]') ? document.body.dataset.side : name
      if (b.dataset.showPane === group) b.setAttribute('aria-current', 'true')
      else b.removeAttribute('aria-current')
    }
  }
  for (const b of document.querySelectorAll('[data-show-pane]')) b.addEventListener('click', () => show(b.dataset.showPane))
  app.on('show', show)
  show('workspace')
}
