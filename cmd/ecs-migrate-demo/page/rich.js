import { el } from './dom.js'
import { show, slackDate, utc, zoneName } from './dates.js'
import { emoji } from './emoji.js'
import { resolve } from './links.js'
import { decode, parse, withEmoji } from './mrkdwn.js'

// Texts of messages as nodes of the page. All that comes from outside ends as a text node.

// drawText draws a text object of Block Kit. Slack keeps a plain text as entities too.
export function drawText(text, app) {
  if (!text) return []
  if (text.type === 'mrkdwn') return drawNodes(parse(text.text, { verbatim: text.verbatim }), app)
  const plain = decode(text.text)
  return breaks(text.emoji === false ? plain : withEmoji(plain))
}

// drawMrkdwn draws the text of a message that has no blocks.
export function drawMrkdwn(text, app) {
  return drawNodes(parse(text), app)
}

const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code', pre: 'pre', quote: 'blockquote' }

function drawNodes(nodes, app) {
  return nodes.map((n) => (tags[n.kind] ? el(tags[n.kind], {}, drawNodes(n.children, app)) : leaf(n, app)))
}

function leaf(n, app) {
  switch (n.kind) {
    case 'text': return breaks(n.text)
    case 'emoji': return el('span', { class: 'emoji', role: 'img', 'aria-label': n.name }, n.text)
    case 'link': return link(n.url, n.label, app)
    case 'date': return dateNode(n, app)
    case 'user': return mention(`@${app.personName(n.id) || n.label || n.id}`, n.id === app.me?.id, { 'data-user': n.id })
    case 'group': return group(n, app)
    case 'channel': return channelLink(n, app)
    case 'broadcast': return mention(`@${n.name}`, true, {})
  }
  return []
}

function breaks(text) {
  return text.split('\n').flatMap((line, i) => (i ? [el('br'), line] : [line]))
}

function mention(text, mine, data) {
  return el('span', { class: mine ? 'mention mine' : 'mention', ...data }, text)
}

function group(n, app) {
  const g = app.groups.get(n.id)
  const label = n.label || (g && `@${g.handle}`) || n.id
  return mention(label.startsWith('@') ? label : `@${label}`, Boolean(g?.users?.includes(app.me?.id)), { 'data-group': n.id })
}

function channelLink(n, app) {
  const name = `#${app.channelName(n.id) || n.label || n.id}`
  return el('a', { href: `#${n.id}`, class: 'mention', onclick: (e) => { e.preventDefault(); app.goTo({ channel: n.id }) } }, name)
}

// link draws a link: to a message here, or out of the demo after a question.
export function link(url, label, app) {
  const to = resolve(url)
  if (!to) return breaks(label)
  if (!to.outside) {
    return el('a', { href: `#${to.channel}/${to.ts}`, onclick: (e) => { e.preventDefault(); app.goTo(to) } }, label)
  }
  return el('a', { href: to.outside, rel: 'noopener noreferrer', target: '_blank', title: to.outside, onclick: (e) => { e.preventDefault(); app.leave(to.outside) } }, label)
}

function dateNode(n, app) {
  const reader = app.reader()
  const text = slackDate(n.seconds, n.format, reader)
  if (text === null) return breaks(n.fallback)
  const date = new Date(n.seconds * 1000)
  const full = `${show(date, reader, { dateStyle: 'full', timeStyle: 'short' })} (${zoneName(date, reader.zone)}) = ${utc(date)}`
  const time = el('time', { datetime: date.toISOString(), title: full }, text)
  return n.url ? link(n.url, time, app) : time
}

// drawRichText draws a rich_text block; unknown parts are drawn by what is given for them.
// Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
export function drawRichText(block, app, unknown) {
  const inner = (list) => (list || []).map((e) => richLeaf(e, app, unknown))
  return block.elements.map((part) => {
    switch (part.type) {
      case 'rich_text_section': return el('p', {}, inner(part.elements))
      case 'rich_text_preformatted': return el('pre', {}, inner(part.elements))
      case 'rich_text_quote': return el('blockquote', {}, inner(part.elements))
      case 'rich_text_list': {
        const list = el(part.style === 'ordered' ? 'ol' : 'ul', { start: part.offset ? part.offset + 1 : null }, part.elements.map((item) => el('li', {}, inner(item.elements))))
        list.style.marginInlineStart = `${(part.indent || 0) * 1.5}em`
        return list
      }
    }
    return unknown(part)
  })
}

function richLeaf(e, app, unknown) {
  switch (e.type) {
    case 'text': return styled(breaks(e.text), e.style)
    case 'link': return styled([link(e.url, e.text || e.url, app)], e.style)
    case 'emoji': return leaf({ kind: 'emoji', name: e.name, text: emoji[e.name] || `:${e.name}:` }, app)
    case 'user': return leaf({ kind: 'user', id: e.user_id }, app)
    case 'usergroup': return leaf({ kind: 'group', id: e.usergroup_id }, app)
    case 'channel': return leaf({ kind: 'channel', id: e.channel_id }, app)
    case 'broadcast': return leaf({ kind: 'broadcast', name: e.range }, app)
    case 'date': return leaf({ kind: 'date', seconds: e.timestamp, format: e.format, url: e.url, fallback: e.fallback || '' }, app)
  }
  return unknown(e)
}

function styled(nodes, style = {}) {
  for (const [name, tag] of [['code', 'code'], ['bold', 'strong'], ['italic', 'em'], ['strike', 's']]) {
    if (style[name]) nodes = [el(tag, {}, nodes)]
  }
  return nodes
}
