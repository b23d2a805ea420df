import { el, fill, icon, newID } from './dom.js'
import { complete, whens } from './verbs.js'

// The box at the end of a channel or thread: it knows the commands, completes them, and remembers what was typed.

// openComposer fills a form. where() is what a message is sent to: {channel, thread_ts}; the function it gives is for
// when that has changed.
export function openComposer(form, app, { where, sent }) {
  const listID = newID('offers')
  const input = el('input', {
    type: 'text', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'send', role: 'combobox', 'aria-autocomplete': 'list',
    'aria-expanded': 'false', 'aria-controls': listID, 'data-test': form.dataset.test + '-input',
  })
  const offers = el('ul', { id: listID, class: 'offers', role: 'listbox', hidden: true })
  const send = el('button', { type: 'submit', class: 'primary', 'data-test': form.dataset.test + '-send' }, icon('send'))
  const trouble = el('p', { class: 'block-note', role: 'alert', hidden: true })
  fill(form, offers, trouble, el('div', { class: 'line' }, input, send))
  let shown = [] // what is offered
  let chosen = -1
  let recalled = -1 // how far back the arrow went
  let draft = ''
  const drafts = new Map() // what was typed and not sent, by person and place
  let at = '' // whose draft stands in the box
  let botState = ''

  const name = () => {
    const inThread = Boolean(where().thread_ts)
    const direct = (where().channel || '').startsWith('D')
    const label = app.t(inThread ? 'composer.reply' : direct ? 'composer.direct' : 'composer.write', { channel: app.channelName(where().channel) || '' })
    input.placeholder = label
    input.setAttribute('aria-label', label)
    offers.setAttribute('aria-label', app.t('composer.offers'))
    send.setAttribute('aria-label', app.t('composer.send'))
  }
  const turn = () => {
    if (!app.me) return
    const now = [app.me.id, where().channel, where().thread_ts].join('|')
    if (now !== at) {
      drafts.set(at, input.value)
      at = now
      input.value = drafts.get(at) || ''
      recalled = -1
      trouble.hidden = true
      hide()
    }
    name()
  }
  for (const news of ['words', 'me', 'place']) app.on(news, turn)
  app.on('world', () => {
    const { state } = app.world.bot
    if (state !== botState) trouble.hidden = true // what it says may no longer be so
    botState = state
  })

  input.addEventListener('input', () => { recalled = -1; offer() })
  input.addEventListener('focus', offer)
  input.addEventListener('blur', () => setTimeout(hide, 150)) // a click on an offer comes first
  input.addEventListener('keydown', keys)
  form.addEventListener('submit', (e) => { e.preventDefault(); submit() })
  return turn

  function keys(e) {
    if (e.isComposing) return // an input method is at work
    const open = !offers.hidden
    if (e.key === 'Escape' && open) {
      e.preventDefault()
      e.stopPropagation()
      hide()
    } else if (e.key === 'Tab' && open && !e.shiftKey) {
      e.preventDefault()
      accept(Math.max(chosen, 0))
    } else if (e.key === 'Enter' && open && chosen >= 0) {
      e.preventDefault()
      accept(chosen)
    } else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && open && recalled < 0 && (input.value || e.key === 'ArrowDown')) {
      e.preventDefault()
      choose((chosen + (e.key === 'ArrowDown' ? 1 : chosen < 0 ? 0 : -1) + shown.length) % shown.length)
    } else if (e.key === 'ArrowUp' || (e.key === 'ArrowDown' && recalled >= 0)) {
      recall(e.key === 'ArrowUp' ? 1 : -1, e)
    }
  }

  // recall walks through what this person sent before.
  function recall(step, e) {
    const list = history()
    const to = recalled + step
    if (to >= list.length) return
    e.preventDefault()
    if (recalled < 0) draft = input.value
    recalled = Math.max(to, -1)
    input.value = recalled < 0 ? draft : list[list.length - 1 - recalled]
    input.setSelectionRange(input.value.length, input.value.length)
    hide()
  }

  function key() {
    return `typed ${app.me.id}`
  }

  function history() {
    try {
      return JSON.parse(sessionStorage.getItem(key())) || []
    } catch {
      return []
    }
  }

  function remember(text) {
    const list = history().filter((t) => t !== text)
    sessionStorage.setItem(key(), JSON.stringify([...list, text].slice(-50)))
  }

  function offer() {
    // Commands do not work in threads, in Slack neither.
    shown = where().thread_ts ? [] : complete(input.value, {
      commands: app.commands, whens: whens(app.me.locale), people: app.everyone().map((u) => u.name), targets: app.targets?.() || [],
      explain: (verb) => app.t(`verb.${verb || 'command'}`),
    })
    chosen = -1
    fill(offers, shown.map((o, i) => el('li', { role: 'option', id: `${listID}-${i}`, 'aria-selected': 'false', 'data-offer': o.label, onmousedown: (e) => { e.preventDefault(); accept(i) } },
      el('span', {}, o.label), o.note && el('small', {}, o.note))))
    offers.hidden = !shown.length
    input.setAttribute('aria-expanded', String(!offers.hidden))
    input.removeAttribute('aria-activedescendant')
  }

  function choose(i) {
    chosen = i
    for (const [n, li] of [...offers.children].entries()) li.setAttribute('aria-selected', String(n === i))
    input.setAttribute('aria-activedescendant', `${listID}-${i}`)
    offers.children[i]?.scrollIntoView({ block: 'nearest' })
  }

  function accept(i) {
    if (!shown[i]) return
    input.value = shown[i].text
    input.focus()
    offer()
  }

  function hide() {
    offers.hidden = true
    chosen = -1
    input.setAttribute('aria-expanded', 'false')
  }

  async function submit() {
    const typed = input.value.trimEnd()
    const text = typed.trim()
    const to = where()
    const from = at
    if (!text || !to.channel) return
    hide()
    trouble.hidden = true
    input.value = ''
    recalled = -1
    remember(typed)
    form.setAttribute('aria-busy', 'true')
    try {
      const isCommand = typed.startsWith('/') && !to.thread_ts // a blank before it makes it a message
      const reply = isCommand ? await app.act('command', { channel: to.channel, text: escaped(text) }) : await app.act('say', { text: escaped(text), ...to })
      if (reply.error) refuse(app.t(`slack.${reply.error}`, { command: text.split(/\s/)[0] }), typed, from)
      if (from === at) sent()
    } catch (e) {
      refuse(e.message, typed, from)
    } finally {
      form.removeAttribute('aria-busy')
    }
  }

  // refuse says why, and gives back what was typed, to whoever typed it and where they did.
  function refuse(why, text, from) {
    if (from !== at) {
      if (!drafts.get(from)) drafts.set(from, text)
      return
    }
    if (!input.value) input.value = text
    trouble.textContent = why
    trouble.hidden = false
  }

  // escaped is a text as Slack's clients send it: names of people and groups become references, and what would be
  // markup of references does not.
  function escaped(text) {
    const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    return safe.replace(/(^|\s)@([\w.-]+)/g, (all, before, name) => {
      const user = app.everyone().find((u) => u.name === name)
      const group = [...app.groups.values()].find((g) => g.handle === name)
      if (user) return `${before}<@${user.id}|${user.name}>`
      return group ? `${before}<!subteam^${group.id}|@${group.handle}>` : all
    })
  }
}
