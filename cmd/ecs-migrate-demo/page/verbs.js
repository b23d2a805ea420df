// What the command box offers. The bot knows its verbs itself: one that is not here can be typed all the same.
// A verb takes words in turn, each one of a list; "target", "when" and "person" stand for what there is of them.

export const verbs = [
  { verb: 'help', takes: [] },
  { verb: 'list', takes: [['all', 'mine', 'unreserved', 'waiting']] },
  { verb: 'show', takes: [['target']] },
  { verb: 'facts', takes: [['target']] },
  { verb: 'reserve', takes: [['target'], ['when']] },
  { verb: 'reschedule', takes: [['target'], ['when']] },
  { verb: 'accept', takes: [['target']] },
  { verb: 'assign', takes: [['target'], ['me', 'nobody', 'person']] },
  { verb: 'snooze', takes: [['target'], ['1h', '4h', 'tomorrow']] },
  { verb: 'history', takes: [['target']] },
  { verb: 'calendar', takes: [['all', 'mine', 'target']] },
  { verb: 'faq', takes: [] },
  { verb: 'checklist', takes: [['target']] },
  { verb: 'ack', takes: [['target']] },
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
  const more = takes.length > done.length
  const head = `${command} ${done.join(' ')} `
  const unquoted = open.replace(/^["“”']/, '').toLowerCase()
  const matches = (text) => text.toLowerCase().includes(unquoted) && text.toLowerCase() !== unquoted
  const offer = (label, note = '') => ({ text: head + quoted(label) + (more ? ' ' : ''), label, note })
  return (takes[done.length - 1] || []).flatMap((what) => {
    switch (what) {
      case 'target':
        return world.targets.filter((t) => matches(t.name) || (unquoted && t.note.toLowerCase().includes(unquoted))).slice(0, 8).map((t) => offer(t.name, t.note))
      case 'when':
        return world.whens.filter(matches).map((w) => ({ ...offer(w), text: head + w }))
      case 'person':
        return world.people.map((p) => `@${p}`).filter(matches).map((p) => offer(p))
    }
    return matches(what) ? [offer(what)] : []
  })
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
