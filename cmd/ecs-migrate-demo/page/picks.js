// What stands in fields that were touched, by person and place. Slack's clients keep it while block_id and action_id
// stay, also when a view is updated under one's hands.
// Source: https://docs.slack.dev/reference/methods/views.update ("Preserving input entry")

export function newPicks(who) {
  const kept = new Map()
  const key = (surface, block, element) => [who(), surface.container, block.block_id, element.action_id].join('\n')
  return {
    get(surface, block, element) {
      const pick = kept.get(key(surface, block, element))
      return pick?.type === element.type ? pick.values : initial(element)
    },
    set(surface, block, element, values) {
      kept.set(key(surface, block, element), { type: element.type, values, sent: false })
    },
    // touched gives the values of a form's fields that differ from what the app filled in, as a submission names them.
    touched(surface, blocks) {
      const out = {}
      for (const block of blocks) {
        for (const element of [...(block.elements || []), block.element, block.accessory]) {
          const pick = element?.action_id && kept.get(key(surface, block, element))
          if (pick?.type === element?.type && pick) out[`${block.block_id}/${element.action_id}`] = pick.values
        }
      }
      return out
    },
    // unsent gives what was picked in these blocks since it was asked for last, as clicks name it.
    unsent(surface, blocks) {
      const out = []
      for (const block of blocks) {
        const pick = kept.get(key(surface, block, block.element))
        if (!pick || pick.sent || pick.type !== block.element.type) continue
        pick.sent = true
        out.push({ block_id: block.block_id, action_id: block.element.action_id, values: pick.values })
      }
      return out
    },
  }
}

// initial is what the app filled in, as texts.
export function initial(element) {
  const value = (o) => o.value
  if (element.initial_option) return [element.initial_option.value]
  if (element.initial_options) return element.initial_options.map(value)
  for (const name of ['initial_users', 'initial_channels', 'initial_conversations']) if (element[name]) return element[name]
  for (const name of ['initial_value', 'initial_user', 'initial_channel', 'initial_conversation', 'initial_date', 'initial_time', 'initial_date_time']) {
    if (element[name] !== undefined && element[name] !== null) return [String(element[name])]
  }
  return []
}
