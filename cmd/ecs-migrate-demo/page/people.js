import { el, fill, icon } from './dom.js'
import { moment, offset } from './dates.js'
import { arrows, popUnder } from './menu.js'
import { face } from './message.js'

// Who acts. All that is personal follows: rights, zone, language, forms, what only they see.

export function openPeople(app) {
  const root = document.querySelector('[data-part="people"]')
  app.on('me', draw)
  app.on('words', draw)
  app.on('minute', draw)

  let drawn = ''
  function draw() {
    if (!app.me) return
    const stamp = `${app.me.id}|${app.language}`
    if (stamp === drawn) return
    drawn = stamp
    const me = app.me
    const b = el('button', {
      type: 'button', class: 'person', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', 'data-test': 'act-as', 'data-me': me.id, title: `${me.real_name} · ${app.t(`role.${me.role}`)} · ${me.zone}`,
      onclick: () => choose(b),
    }, face(me), el('span', {}, el('span', { class: 'sr' }, app.t('people.now')), el('strong', {}, me.real_name), el('small', {}, `${app.t(`role.${me.role}`)} · ${me.zone}`)), icon('down'))
    fill(root, b)
  }

  function choose(b) {
    let close = () => {}
    const row = (p) => el('button', {
      type: 'button', role: 'radio', 'aria-checked': String(p.id === app.me.id), tabindex: '-1', 'data-person': p.id,
      onclick: () => {
        close()
        sessionStorage.setItem('me', p.id)
        app.actAs(p.id)
        root.querySelector('button')?.focus()
      },
    }, face(p), el('span', {},
      el('strong', {}, p.real_name, ' ', el('span', { class: `tag role-${p.role}` }, app.t(`role.${p.role}`)), p.groups.map((g) => [' ', el('span', { class: 'tag' }, `@${g}`)])),
      el('small', {}, `${moment(app.now(), { zone: p.zone, locale: p.locale }, { weekday: true })} · ${p.zone} (UTC${sign(offset(app.now(), p.zone))}) · ${p.locale}`)))
    const list = el('div', { role: 'radiogroup', class: 'people', 'aria-label': app.t('people.title'), onkeydown: arrows },
      el('h2', {}, app.t('people.title')), el('p', { class: 'dim' }, app.t('people.why')), app.world.people.map(row))
    close = popUnder(b, list, { label: app.t('people.title'), focus: () => list.querySelector('[aria-checked=true]') })
  }
}

function sign(minutes) {
  const hours = minutes / 60
  return `${hours < 0 ? '−' : '+'}${Math.abs(hours)}`
}
