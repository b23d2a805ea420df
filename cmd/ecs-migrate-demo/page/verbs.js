// What the command box offers. The bot knows its verbs itself: one that is not here can be typed all the same.
// A verb takes words in turn: fixed ones, "target", "when" or "person".

export const verbs = [
  { verb: 'help', takes: [] },
  { verb: 'list', takes: [['all', 'mine', 'unreserved']] },
  { verb: 'show', takes: ['target'] },
  { verb: 'reserve', takes: ['target', 'when'] },
  { verb: 'reschedule', takes: ['target', 'when'] },
  { verb: 'accept', takes: ['target'] },
  { verb: 'assign', takes: ['target', 'person'] },
  { verb: 'snooze', takes: ['target', ['1h', '4h', 'tomorrow']] },
]

// whens are times as people type them, in the acting person's language.
export function whens(locale) {
  return locale?.startsWith('zh') ? ['+3h', '明天 02:00', '周五 02:00'] : ['+3h', 'tomorrow 02:00', 'fri 02:00']
}

// complete gives what may follow a typed line: [{text, label, note}], text being the whole line then. world is
// {commands, targets: [{name, note}], people: [name], whens, explain(verb)}.
export function complete(line, world) {
  if (!line.startsWith('/')) return []
  const command = world.commands.find((c) => line.startsWith(`${c} `))
  if (!command) {
    return world.commands.filter((c) => c.startsWith(line) || line === '/').map((c) => ({ text: `${c} `, label: c, note: world.explain('') }))
  }
  const { done, open } = cut(line.slice(command.length + 1))
  if (!done.length) {
    return verbs.filter((v) => v.verb.startsWith(open.toLowerCase()) && v.verb !== open)
      .map((v) => ({ text: `${command} ${v.verb}${v.takes.length ? ' ' : ''}`, label: v.verb, note: world.explain(v.verb) }))
  }
  const takes = verbs.find((v) => v.verb === done[0].toLowerCase())?.takes || []
  const last = takes.at(-1)
  const what = takes[done.length - 1] ?? (last === 'when' ? null : undefined)
  const head = `${command} ${done.join(' ')} `
  const unquoted = open.replace(/^["“”']/, '').toLowerCase()
  const matches = (text) => text.toLowerCase().includes(unquoted) && text.toLowerCase() !== unquoted
  if (what === 'target') {
    return world.targets.filter((t) => matches(t.name) || (unquoted && t.note.toLowerCase().includes(unquoted))).slice(0, 8)
      .map((t) => ({ text: head + quoted(t.name) + (takes.length > done.length ? ' ' : ''), label: t.name, note: t.note }))
  }
  const offers = Array.isArray(what) ? what : what === 'when' ? world.whens : what === 'person' ? ['me', 'nobody', ...world.people.map((p) => `@${p}`)] : []
  return offers.filter(matches).map((o) => ({ text: head + o, label: o, note: '' }))
}

// cut takes a line apart at blanks, quotes kept; open is the word that is still being typed.
function cut(line) {
  const words = line.match(/["“][^"”]*["”]?|[^\s"“]+/g) || []
  const closed = /\s$/.test(line) && !/^["“][^"”]*$/.test(words.at(-1) || '')
  return closed || !words.length ? { done: words, open: '' } : { done: words.slice(0, -1), open: words.at(-1) }
}

// quoted writes a name so that the bot reads it as one word.
export function quoted(name) {
  if (!/[\s"“”«»「」『』]/.test(name)) return name
  return /["“”«»]/.test(name) ? `「${name}」` : `"${name}"`
}
