import { emoji } from './emoji.js'

// Slack's own markup, read into nodes that rich.js draws. It reads what Slack reads and leaves all else as text.
// Source: https://docs.slack.dev/messaging/formatting-message-text

// parse reads a text. verbatim is the text object's: without it Slack makes links of bare addresses too.
export function parse(text, { verbatim = false } = {}) {
  const out = []
  let from = 0
  for (const m of text.matchAll(/```([\s\S]+?)```/g)) {
    out.push(...paragraphs(trimBreak(text.slice(from, m.index), from > 0, true), verbatim))
    out.push({ kind: 'pre', children: plainly(m[1].replace(/^\n|\n$/g, '')) })
    from = m.index + m[0].length
  }
  out.push(...paragraphs(trimBreak(text.slice(from), from > 0, false), verbatim))
  return out
}

// trimBreak drops the line break beside a block, which breaks the line by itself.
function trimBreak(text, after, before) {
  if (after) text = text.replace(/^\n/, '')
  return before ? text.replace(/\n$/, '') : text
}

// paragraphs sets lines that begin with ">" apart; ">>>" takes all that follows. Slack stores a person's ">" as
// "&gt;" and quotes it too.
function paragraphs(text, verbatim) {
  if (!text) return []
  const out = []
  const lines = text.split('\n')
  const quoted = (line) => /^(&gt;|>)(?!(&gt;|>){2})/.exec(line)
  for (let i = 0; i < lines.length; ) {
    const all = /^(?:&gt;|>){3} ?/.exec(lines[i])
    if (all) {
      const rest = [lines[i].slice(all[0].length), ...lines.slice(i + 1)].join('\n')
      out.push({ kind: 'quote', children: inline(rest, verbatim) })
      break
    }
    const quote = Boolean(quoted(lines[i]))
    let end = i + 1
    while (end < lines.length && Boolean(quoted(lines[end])) === quote && !/^(?:&gt;|>){3}/.test(lines[end])) end++
    const block = lines.slice(i, end).map((l) => (quote ? l.replace(/^(&gt;|>) ?/, '') : l)).join('\n')
    if (quote) out.push({ kind: 'quote', children: inline(block, verbatim) })
    else out.push(...inline(block, verbatim))
    i = end
  }
  return out
}

const marks = { '*': 'bold', _: 'italic', '~': 'strike' }
const word = /[\p{L}\p{N}]/u

function inline(s, verbatim) {
  const out = []
  let text = ''
  const flush = () => {
    if (text) out.push({ kind: 'text', text: decode(text) })
    text = ''
  }
  for (let i = 0; i < s.length; ) {
    const found = at(s, i, verbatim)
    if (found) {
      flush()
      out.push(found.node)
      i = found.end
    } else {
      text += s[i++]
    }
  }
  flush()
  return out
}

// at reads what begins at a place, null where that is a plain character.
function at(s, i, verbatim) {
  switch (s[i]) {
    case '<': {
      const end = s.indexOf('>', i)
      const node = end > i && token(s.slice(i + 1, end))
      return node ? { node, end: end + 1 } : null
    }
    case '`': {
      const m = /^`([^`\n]+)`/.exec(s.slice(i, i + 4000))
      return m ? { node: { kind: 'code', children: plainly(m[1]) }, end: i + m[0].length } : null
    }
    case '*': case '_': case '~': {
      const end = closing(s, i)
      return end ? { node: { kind: marks[s[i]], children: inline(s.slice(i + 1, end), verbatim) }, end: end + 1 } : null
    }
    case ':': {
      const m = /^:([a-z0-9_+'-]+):/.exec(s.slice(i, i + 60))
      return m && emoji[m[1]] ? { node: { kind: 'emoji', name: m[1], text: emoji[m[1]] }, end: i + m[0].length } : null
    }
    case 'h': {
      if (verbatim || (i > 0 && word.test(s[i - 1]))) return null
      const m = /^https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)'"*_~`]/.exec(s.slice(i, i + 2000))
      return m ? { node: { kind: 'link', url: decode(m[0]), label: decode(m[0]) }, end: i + m[0].length } : null
    }
  }
  return null
}

// closing finds the end of what a mark at i begins, 0 where it begins nothing: a mark stands at the edge of a word,
// on one line, and not inside a token or code. Letters of all scripts make words, as in Slack.
function closing(s, i) {
  const mark = s[i]
  if (i > 0 && (word.test(s[i - 1]) || s[i - 1] === mark)) return 0
  if (i + 1 >= s.length || /\s/.test(s[i + 1]) || s[i + 1] === mark) return 0
  for (let j = i + 1; j < s.length && s[j] !== '\n'; j++) {
    if (s[j] === '<' || s[j] === '`') {
      const inner = at(s, j, true)
      if (inner) j = inner.end - 1
    } else if (s[j] === mark && !/\s/.test(s[j - 1]) && s[j - 1] !== mark && j > i + 1 && !(j + 1 < s.length && (word.test(s[j + 1]) || s[j + 1] === mark))) {
      return j
    }
  }
  return 0
}

// plainly reads the inside of code: tokens, and nothing else.
function plainly(s) {
  const out = []
  let from = 0
  for (const m of s.matchAll(/<([^<>\n]+)>/g)) {
    const node = token(m[1])
    if (!node) continue
    if (m.index > from) out.push({ kind: 'text', text: decode(s.slice(from, m.index)) })
    out.push(node)
    from = m.index + m[0].length
  }
  if (from < s.length) out.push({ kind: 'text', text: decode(s.slice(from)) })
  return out
}

// token reads what stands between < and >, null for what means nothing to Slack.
function token(inner) {
  const cut = inner.indexOf('|')
  const what = cut < 0 ? inner : inner.slice(0, cut)
  const label = cut < 0 ? '' : decode(inner.slice(cut + 1))
  let m
  if ((m = /^!date\^(-?\d+)\^([^^]*)(?:\^(.*))?$/s.exec(what))) {
    return { kind: 'date', seconds: Number(m[1]), format: decode(m[2]), url: decode(m[3] || ''), fallback: label }
  }
  if ((m = /^@([UW][A-Z0-9]+)$/.exec(what))) return { kind: 'user', id: m[1], label }
  if ((m = /^#([CGD][A-Z0-9]+)$/.exec(what))) return { kind: 'channel', id: m[1], label }
  if ((m = /^!subteam\^(S[A-Z0-9]+)$/.exec(what))) return { kind: 'group', id: m[1], label }
  if ((m = /^!(here|channel|everyone)$/.exec(what))) return { kind: 'broadcast', name: m[1] }
  if (/^(https?:\/\/|mailto:)/i.test(what)) return { kind: 'link', url: decode(what), label: label || decode(what).replace(/^mailto:/, '') }
  return null
}

// decode turns the three entities that Slack knows into characters, once.
export function decode(s) {
  return s.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&' })[name])
}

// withEmoji is a plain text with its emoji.
export function withEmoji(s) {
  return s.replace(/:([a-z0-9_+'-]+):/g, (all, name) => emoji[name] || all)
}

// plainText is what a parsed text says without its looks; date reads a date node.
export function plainText(nodes, date = (n) => n.fallback) {
  return nodes.map((n) => {
    if (n.children) return plainText(n.children, date)
    if (n.kind === 'date') return date(n)
    return n.text ?? n.label ?? n.name ?? ''
  }).join('')
}
