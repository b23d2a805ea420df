import { el, fill } from './dom.js'
import { post } from './api.js'

// What the cloud may announce, as a small form.

export function openAnnounce(app) {
  const root = document.querySelector('[data-part="announce"]')
  const chosen = { type: '', network: 'classic', plan: false, inquiring: false, count: 1, region: '', name: '', in: '72h' }
  let busy = false
  app.on('words', draw)
  app.on('known', draw)

  function draw() {
    const { types, regions } = app.world || {}
    if (!types) return
    chosen.type ||= types[0]
    chosen.region ||= regions[0]
    const choose = (name, options, label) => el('label', {}, el('span', {}, label), select(name, options))
    const check = (name, label) => {
      const input = el('input', { type: 'checkbox', 'data-test': `announce-${name}`, onchange: () => { chosen[name] = input.checked; timed() } })
      input.checked = chosen[name]
      return el('label', { class: 'choice' }, input, el('span', {}, label))
    }
    const name = el('input', { type: 'text', maxlength: '128', placeholder: app.t('announce.anyName'), 'data-test': 'announce-name', oninput: () => { chosen.name = name.value } })
    name.value = chosen.name
    fill(root, el('form', { class: 'grid', onsubmit: (e) => { e.preventDefault(); send() } },
      choose('type', types.map((t) => [t, app.t(`type.${t}`)]), app.t('announce.type')),
      choose('network', [['classic', app.t('network.classic')], ['vpc', app.t('network.vpc')]], app.t('announce.network')),
      choose('region', regions.map((r) => [r, r]), app.t('announce.region')),
      choose('in', ['2h', '24h', '72h', '168h'].map((d) => [d, app.t(`announce.in.${d}`)]), app.t('announce.in')),
      choose('count', [1, 5, 20, 100].map((n) => [n, String(n)]), app.t('announce.count')),
      el('label', {}, el('span', {}, app.t('announce.name')), name),
      el('div', { class: 'whole' }, check('plan', app.t('announce.plan')), check('inquiring', app.t('announce.inquiring'))),
      el('button', { type: 'submit', class: 'primary whole', 'data-test': 'announce', disabled: busy }, app.t(busy ? 'announce.busy' : 'announce.do'))))
    timed()
  }

  // timed closes the field for a time where there is none yet: what asks for authorisation first has no plan.
  function timed() {
    root.querySelector('[data-test=announce-in]').disabled = chosen.inquiring
  }

  function select(name, options) {
    const box = el('select', { 'data-test': `announce-${name}`, onchange: () => { chosen[name] = name === 'count' ? Number(box.value) : box.value } },
      options.map(([value, text]) => el('option', { value }, text)))
    box.value = String(chosen[name])
    return box
  }

  async function send() {
    busy = true
    draw()
    try {
      const { events } = await post('/world/announce', chosen)
      app.tell('toast', { text: app.t(events.length === 1 ? 'announced.one' : 'announced.many', { n: events.length }) })
      chosen.name = ''
    } catch (e) {
      app.fail(e)
    } finally {
      busy = false
      draw()
      root.querySelector('[data-test=announce]')?.focus()
    }
  }
}
