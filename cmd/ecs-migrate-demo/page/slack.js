import { get } from './api.js'

// The workspace as it is: messages, what only the acting person sees, their forms and their Home tab. It reads again
// only what the stream says has changed.

export function openSlack(app) {
  let messages = new Map() // by channel, by ts
  let seqs = new Map() // by channel: the newest change read
  let whispers = new Map() // ephemeral messages of the acting person, by ts
  const dismissed = new Set(stored('dismissed'))
  let queue = Promise.resolve()

  const slack = {
    views: [], // open forms of the acting person, the one in front last
    home: null,

    // load reads everything anew.
    load: () => inTurn(async () => {
      messages = new Map()
      seqs = new Map()
      await Promise.all([...app.everyChannel.map((c) => readChannel(c.id)), readOwn()])
      for (const c of app.everyChannel) app.tell('messages', { channel: c.id, fresh: [] })
      tellOwn()
    }),

    // turn reads what another person sees.
    turn: () => inTurn(async () => {
      whispers = new Map()
      await readOwn()
      tellOwn()
      for (const c of app.channels) app.tell('messages', { channel: c.id, fresh: [] })
    }),

    // take follows the stream's changes: [{kind, id}].
    take: (changes) => inTurn(async () => {
      const kinds = new Set(changes.map((c) => c.kind))
      const of = (kind) => [...new Set(changes.filter((c) => c.kind === kind).map((c) => c.id.split('/')[0]))]
      if (kinds.has('channel') || kinds.has('user') || kinds.has('usergroup')) await app.takeWorkspace()
      if (kinds.has('view')) await readViews()
      for (const channel of of('message')) app.tell('messages', { channel, fresh: await readChannel(channel) })
      if (kinds.has('ephemeral')) {
        const fresh = await readWhispers()
        for (const channel of of('ephemeral')) app.tell('messages', { channel, fresh: fresh.filter((m) => m.channel === channel) })
      }
      if (kinds.has('home')) {
        await readHome()
        app.tell('home')
      }
    }),

    readViews: () => inTurn(readViews),

    message: (channel, ts) => messages.get(channel)?.get(ts),

    // timeline is what stands in a channel itself: no replies but those sent to the channel too.
    timeline: (channel) => visible(channel).filter((m) => !m.thread_ts || m.reply_broadcast),

    // thread is a message's replies, whispered ones too.
    thread: (channel, ts) => visible(channel).filter((m) => m.thread_ts === ts),

    // answers are the replies of all of a channel's threads.
    answers: (channel) => [...messages.get(channel)?.values() || []].filter((m) => m.thread_ts && !m.deleted),

    // replies counts what answers each message of a channel: {count, last, users} by ts.
    replies(channel) {
      const out = new Map()
      for (const m of slack.answers(channel)) {
        const of = out.get(m.thread_ts) || { count: 0, last: '', users: new Set() }
        of.count++
        of.users.add(m.user)
        if (m.ts > of.last) of.last = m.ts
        out.set(m.thread_ts, of)
      }
      return out
    },

    dismiss(m) {
      dismissed.add(`${m.channel}/${m.ts}`)
      sessionStorage.setItem('dismissed', JSON.stringify([...dismissed]))
      app.tell('messages', { channel: m.channel, fresh: [] })
    },
  }
  return slack

  // inTurn keeps readings in order, so that an older answer never takes a newer one's place.
  function inTurn(read) {
    queue = queue.then(read).catch(app.fail)
    return queue
  }

  function visible(channel) {
    const own = [...whispers.values()].filter((m) => m.channel === channel && !m.deleted && !dismissed.has(`${m.channel}/${m.ts}`))
    return [...(messages.get(channel)?.values() || []), ...own].sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0))
  }

  // readChannel reads what changed in a channel, and gives what is new in it.
  async function readChannel(channel) {
    const changed = await get('/slack/control/messages', { channel, after: seqs.get(channel) || 0, versions: 'none' })
    return keep(messages.get(channel) || messages.set(channel, new Map()).get(channel), changed, channel)
  }

  async function readWhispers() {
    const key = `whispers of ${app.me.id}`
    return keep(whispers, await get('/slack/control/ephemerals', { user: app.me.id, after: whispers.size ? seqs.get(key) : 0, versions: 'none' }), key)
  }

  function keep(known, changed, key) {
    const fresh = changed.filter((m) => !known.has(m.ts) && !m.deleted)
    for (const m of changed) {
      known.set(m.ts, m)
      seqs.set(key, Math.max(seqs.get(key) || 0, m.seq))
    }
    return fresh
  }

  async function readViews() {
    slack.views = await get('/slack/control/views', { user: app.me.id })
    app.tell('views')
  }

  async function readHome() {
    slack.home = await get('/slack/control/home', { user: app.me.id })
  }

  async function readOwn() {
    await Promise.all([readWhispers(), readHome(), readViews()])
  }

  function tellOwn() {
    app.tell('home')
  }
}

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) || []
  } catch {
    return []
  }
}
