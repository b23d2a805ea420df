import { get, post } from './api.js'
import { newPicks } from './picks.js'
import { newReads } from './reads.js'

// What all parts of the page share: who is there, who acts, what time it is, and a way to tell one another of news.

// newApp begins with nothing known. settings has the words of the page's language.
export function newApp(settings) {
  const hub = new EventTarget()
  let readAt = 0 // when the world's time was learnt, on the browser's own clock
  const app = {
    world: null, // GET /world
    me: null, // who acts: one of world.people
    users: new Map(), // everyone in the workspace, bots too
    groups: new Map(),
    channels: [], // those that the acting person sees, direct messages too
    commands: [],
    place: null, // what is open: {channel} or {home: true}

    t: (key, args) => settings.t(key, args),
    get language() { return settings.language },

    on: (name, listen) => hub.addEventListener(name, (e) => listen(e.detail)),
    tell: (name, detail) => hub.dispatchEvent(new CustomEvent(name, { detail })),

    // now is the demo's clock, which goes at this machine's pace between two messages.
    now: () => new Date(Date.parse(app.world.now) + (performance.now() - readAt)),
    // reader is how the acting person reads times, in what people and the bot say.
    reader: () => ({ zone: app.me.zone, locale: app.me.locale, now: app.now() }),
    // pageReader is how the page's own words tell them times: in their zone and the page's language.
    pageReader: () => ({ ...app.reader(), locale: app.me.locale?.startsWith(app.language) ? app.me.locale : { en: 'en-GB', zh: 'zh-CN' }[app.language] }),

    takeWorld(news) {
      app.world = { ...app.world, ...news }
      readAt = performance.now()
      app.tell('world')
    },

    async takeWorkspace() {
      const all = await get('/slack/control/')
      app.users = new Map(all.users.map((u) => [u.id, u]))
      app.groups = new Map(all.groups.map((g) => [g.id, g]))
      app.commands = all.commands
      app.everyChannel = all.channels
      app.chooseChannels()
    },

    // chooseChannels keeps those that the acting person is in.
    chooseChannels() {
      app.channels = (app.everyChannel || []).filter((c) => (c.user ? c.user === app.me.id : !c.members || c.members.includes(app.me.id)))
      app.tell('channels')
    },

    actAs(id) {
      app.me = app.world.people.find((p) => p.id === id) || app.world.people[0]
      app.chooseChannels()
      app.tell('me')
    },

    // act does something in Slack as the acting person.
    act: (what, body) => post(`/slack/control/${what}`, { user: app.me.id, ...body }),

    everyone: () => [...app.users.values()].filter((u) => !u.deleted && !u.is_bot),
    personName: (id) => app.users.get(id)?.real_name || app.users.get(id)?.name,
    channelName: (id) => app.everyChannel?.find((c) => c.id === id)?.name,

    goTo: (to) => app.tell('go', to),
    leave: (address) => app.tell('leave', address),
    // fail says in words that something did not work.
    fail: (error) => app.tell('toast', { text: error.message, kind: 'bad' }),
    // say is for screen readers only.
    say: (text) => app.tell('say', text),
  }
  app.picks = newPicks(() => app.me.id)
  app.reads = newReads(() => `${app.world.boot}|${app.me.id}`)
  return app
}
