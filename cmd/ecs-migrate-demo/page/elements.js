import { el, icon, newID } from './dom.js'
import { ask } from './confirm.js'
import { fromWall, inFull, toWall, zoneName } from './dates.js'
import { menu, popUnder } from './menu.js'
import { decode, withEmoji } from './mrkdwn.js'
import { drawText } from './rich.js'

// The parts of a block that a person can use. Each draws itself and tells what was picked through use().
// Source: https://docs.slack.dev/reference/block-kit/block-elements

// drawElement draws one. surface is {app, where, container}: who draws, what a click names, where picks are kept.
// parent is its block; label says what it is for where it says nothing itself.
export function drawElement(element, parent, surface, label) {
  const draw = kinds[element.type]
  if (!draw) return unknown(element, surface.app)
  return draw({ element, parent, surface, app: surface.app, label })
}

// unknown shows what cannot be drawn, so that it is not lost.
export function unknown(thing, app) {
  const kind = thing?.type || typeof thing
  return el('div', { class: 'unknown', 'data-unknown': kind },
    el('strong', {}, app.t('unknown', { kind })), el('pre', {}, JSON.stringify(thing, null, 2)))
}

const kinds = {
  button, overflow, checkboxes, radio_buttons: radios, static_select: select, users_select: select, channels_select: select,
  conversations_select: select, multi_static_select: multiSelect, multi_users_select: multiSelect,
  multi_channels_select: multiSelect, multi_conversations_select: multiSelect, datepicker: simple('date'),
  timepicker: timePicker, datetimepicker: dateTimePicker, plain_text_input: textInput, number_input: numberInput,
  email_text_input: simple('email'), url_text_input: simple('url'), image,
}

const hooks = (p) => ({ 'data-action-id': p.element.action_id, 'data-block-id': p.parent.block_id, 'data-element': p.element.type })

// focusHere is for elements that a form wants to begin with.
const focusHere = (p) => ({ autofocus: Boolean(p.element.focus_on_load) })

function words(text) {
  if (!text) return ''
  const plain = decode(text.text)
  return text.emoji === false || text.type === 'mrkdwn' ? plain : withEmoji(plain)
}

// names gives a control its accessible name.
function names(p, own) {
  if (own) return { 'aria-label': own }
  if (p.label?.id) return { 'aria-labelledby': p.label.id, 'aria-describedby': p.label.notes || null }
  return { 'aria-label': p.label?.text || words(p.element.placeholder) || p.element.action_id }
}

// use tells Slack that an element was used, with what was picked. It gives whether it was done: a confirmation may
// have been declined, and what the control showed before must come back.
async function use(p, values, control) {
  const { element, parent, surface, app } = p
  if (element.confirm && !(await confirmed(element.confirm, app))) return false
  if (values) app.picks.set(surface, parent, element, values)
  if (isQuiet(parent)) return true
  control.setAttribute('aria-busy', 'true')
  note(control, '')
  try {
    // What was typed beside it goes with it, as Slack's clients send the state of the whole form.
    for (const typed of app.picks.unsent(surface, (surface.blocks || []).filter(isQuiet))) await app.act('click', { ...surface.where, ...typed })
    // The bot may draw a message anew at the very moment of a click, with new block ids: the action's name is enough
    // where no other one has it.
    const alone = control.closest('[data-message-ts]')?.querySelectorAll(`[data-action-id="${CSS.escape(element.action_id)}"]`).length === 1
    const reply = await app.act('click', { ...surface.where, block_id: alone ? undefined : parent.block_id, action_id: element.action_id, values: values || [] })
    if (reply.error) note(control, app.t(`slack.${reply.error}`))
  } catch (e) {
    if (control.isConnected) note(control, e.message)
    else app.fail(e) // it was drawn anew meanwhile
  } finally {
    control.removeAttribute('aria-busy')
  }
  return true
}

function confirmed(c, app) {
  return ask({
    title: words(c.title), body: drawText(c.text, app), cancel: words(c.deny), test: 'confirm',
    answers: [{ label: words(c.confirm), value: true, style: c.style === 'danger' ? 'danger' : 'primary' }],
  })
}

// isQuiet tells whether a block's field is kept for the submission, and told to nobody before.
function isQuiet(block) {
  return block.type === 'input' && !block.dispatch_action
}

// note says under a block what went wrong.
function note(control, text) {
  const block = control.closest('[data-block]')
  block?.querySelector('.block-note')?.remove()
  if (text) block?.append(el('p', { class: 'block-note', role: 'alert' }, text))
}

function button(p) {
  const { element, app } = p
  const b = el('button', {
    type: 'button', class: element.style || null, ...hooks(p), 'aria-label': element.accessibility_label || null, 'data-url': element.url || null,
    onclick: async () => {
      if (b.getAttribute('aria-busy')) return
      // Slack's clients open the address and tell the app of the click.
      if (await use(p, null, b) && element.url) app.leave(element.url)
    },
  }, words(element.text), element.url && el('span', { class: 'outside', 'aria-hidden': 'true' }, ' ↗'))
  return b
}

function overflow(p) {
  const { element, app } = p
  const b = el('button', {
    type: 'button', class: 'more', 'aria-haspopup': 'menu', 'aria-expanded': 'false', ...hooks(p), 'aria-label': app.t('more'),
    onclick: () => menu(b, element.options.map((o) => ({
      label: words(o.text), note: words(o.description), data: { 'data-option': o.value },
      do: async () => { if (await use(p, [o.value], b) && o.url) app.leave(o.url) },
    }))),
  }, icon('more'))
  return b
}

function checkboxes(p) {
  const now = p.app.picks.get(p.surface, p.parent, p.element)
  const group = el('div', { role: 'group', class: 'choices', ...hooks(p), ...names(p) }, p.element.options.map((o) => choice(p, o, 'checkbox', now.includes(o.value), async (input) => {
    const values = p.element.options.filter((_, i) => group.querySelectorAll('input')[i].checked).map((x) => x.value)
    if (!(await use(p, values, group))) input.checked = !input.checked
  })))
  return group
}

function radios(p) {
  const now = p.app.picks.get(p.surface, p.parent, p.element)
  const name = newID('radio')
  const group = el('div', { role: 'radiogroup', class: 'choices', ...hooks(p), ...names(p) }, p.element.options.map((o) => choice(p, o, 'radio', now.includes(o.value), async () => {
    if (await use(p, [o.value], group)) return
    const was = p.app.picks.get(p.surface, p.parent, p.element)
    for (const input of group.querySelectorAll('input')) input.checked = was.includes(input.value)
  }, name)))
  return group
}

function choice(p, option, type, checked, changed, name) {
  const input = el('input', { type, name, value: option.value, 'data-option': option.value, onchange: () => changed(input) })
  input.checked = checked
  return el('label', { class: 'choice' }, input, el('span', {}, drawText(option.text, p.app),
    option.description && el('small', {}, drawText(option.description, p.app))))
}

// optionsOf lists what a menu offers, in groups: [{label, options: [{value, text, note}]}].
function optionsOf(element, app) {
  const read = (list) => list.map((o) => ({ value: o.value, text: words(o.text), note: words(o.description) }))
  switch (element.type.replace('multi_', '')) {
    case 'users_select':
      return [{ options: app.everyone().map((u) => ({ value: u.id, text: u.real_name || u.name, note: `@${u.name}` })) }]
    case 'channels_select': case 'conversations_select':
      return [{ options: app.channels.filter((c) => !c.user).map((c) => ({ value: c.id, text: `#${c.name}` })) }]
  }
  if (element.option_groups) return element.option_groups.map((g) => ({ label: words(g.label), options: read(g.options) }))
  return [{ options: read(element.options || []) }]
}

function select(p) {
  const { element, parent, surface, app } = p
  const now = () => app.picks.get(surface, parent, element)[0] || ''
  const option = (o) => el('option', { value: o.value }, o.note ? `${o.text} · ${o.note}` : o.text)
  const box = el('select', {
    ...hooks(p), ...names(p), ...focusHere(p),
    onchange: async () => { if (!(await use(p, [box.value], box))) box.value = now() },
  },
  el('option', { value: '', disabled: !(parent.type === 'input' && parent.optional) }, words(element.placeholder) || app.t('choose')),
  optionsOf(element, app).map((g) => (g.label ? el('optgroup', { label: g.label }, g.options.map(option)) : g.options.map(option))))
  box.value = now()
  return box
}

function multiSelect(p) {
  const { element, parent, surface, app } = p
  const groups = optionsOf(element, app)
  const all = groups.flatMap((g) => g.options)
  const now = () => app.picks.get(surface, parent, element)
  const label = () => all.filter((o) => now().includes(o.value)).map((o) => o.text).join(', ') || words(element.placeholder) || app.t('choose')
  const b = el('button', { type: 'button', class: 'multi', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', ...hooks(p), onclick: open }, el('span', {}, label()), icon('down'))
  if (p.label?.id) b.setAttribute('aria-describedby', p.label.id)
  const most = element.max_selected_items || Infinity
  function open() {
    const was = now()
    const picked = new Set(was)
    const inputs = all.map((o) => {
      const input = el('input', { type: 'checkbox', 'data-option': o.value, onchange: () => {
        if (input.checked) picked.add(o.value)
        else picked.delete(o.value)
        for (const [i, other] of inputs.entries()) other.disabled = picked.size >= most && !picked.has(all[i].value)
      } })
      input.checked = picked.has(o.value)
      return input
    })
    const rows = groups.map((g) => [g.label && el('strong', {}, g.label), g.options.map((o) => el('label', { class: 'choice' }, inputs[all.indexOf(o)], el('span', {}, o.text, o.note && el('small', {}, o.note))))])
    const close = popUnder(b, [el('div', { class: 'choices' }, rows), el('button', { type: 'button', 'data-test': 'done', onclick: () => close() }, app.t('done'))], {
      onclose: async () => {
        const values = all.map((o) => o.value).filter((v) => picked.has(v))
        if (values.join('\n') === was.join('\n')) return
        await use(p, values, b)
        b.firstChild.textContent = label()
      },
    })
  }
  return b
}

// simple is a field of one of the browser's own types.
function simple(type) {
  return (p) => field(p, el('input', { type, placeholder: words(p.element.placeholder) || null }))
}

// field wires a control whose value is a text. Outside forms a picker tells what was picked once the hand rests: the
// browser reports each digit of a year.
function field(p, control, { read = (v) => v, show = (v) => v } = {}) {
  const { element, parent, surface, app } = p
  for (const [name, value] of Object.entries({ ...hooks(p), ...names(p), ...focusHere(p) })) {
    if (value) control.setAttribute(name, value === true ? '' : value)
  }
  const value = app.picks.get(surface, parent, element)[0]
  control.value = value === undefined ? '' : show(value)
  const quiet = isQuiet(parent)
  const when = element.dispatch_action_config?.trigger_actions_on || ['on_enter_pressed']
  let timer
  const tell = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(() => use(p, [read(control.value)], control), wait)
  }
  control.addEventListener('input', () => {
    app.picks.set(surface, parent, element, [read(control.value)])
    if (!quiet && when.includes('on_character_entered')) tell(300)
  })
  control.addEventListener('change', () => {
    if (!quiet && element.type.endsWith('picker')) tell(600)
  })
  control.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && !quiet && control.tagName === 'INPUT' && when.includes('on_enter_pressed')) {
      e.preventDefault()
      tell(0)
    }
  })
  return control
}

function timePicker(p) {
  const input = field(p, el('input', { type: 'time' }))
  return p.element.timezone ? el('span', { class: 'zoned' }, input, el('small', {}, p.element.timezone)) : input
}

// dateTimePicker is Unix seconds on the wire and the acting person's wall clock on the page.
function dateTimePicker(p) {
  const zone = p.app.me.zone
  const seconds = (text) => {
    const at = fromWall(text, zone)
    return at === null ? '' : String(at)
  }
  const input = field(p, el('input', { type: 'datetime-local' }), { read: seconds, show: (v) => (v ? toWall(Number(v), zone) : '') })
  return zoned(input, p.app)
}

// zoned puts under a field for the acting person's wall clock which moment stands in it, as that person reads it.
export function zoned(input, app) {
  const told = el('small', { class: 'zone-note', 'aria-live': 'polite' })
  const tell = () => {
    const at = fromWall(input.value, app.me.zone)
    told.textContent = at === null ? zoneName(app.now(), app.me.zone) : inFull(new Date(at * 1000), app.reader())
  }
  input.addEventListener('input', tell)
  tell()
  return el('span', { class: 'zoned' }, input, told)
}

function textInput(p) {
  const { element } = p
  const limits = { maxlength: element.max_length ?? 3000, placeholder: words(element.placeholder) || null }
  return field(p, element.multiline ? el('textarea', { rows: '4', ...limits }) : el('input', { type: 'text', ...limits }))
}

function numberInput(p) {
  const { element } = p
  return field(p, el('input', {
    type: 'number', step: element.is_decimal_allowed ? 'any' : '1', min: element.min_value, max: element.max_value,
    placeholder: words(element.placeholder) || null,
  }))
}

// image names a picture in place of showing it: this page loads nothing from elsewhere.
export function image(p) {
  const { element, app } = p
  const own = element.image_url && new URL(element.image_url, location.href).origin === location.origin
  if (own) return el('img', { src: element.image_url, alt: element.alt_text, loading: 'lazy' })
  return el('span', { class: 'picture', role: 'img', 'aria-label': element.alt_text, title: app.t('picture.outside', { url: element.image_url || '' }) }, `🖼 ${element.alt_text}`)
}
