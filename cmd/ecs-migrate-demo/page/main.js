import { get } from './api.js'
import { newApp } from './app.js'
import { openAnnounce } from './announce.js'
import { openBot } from './bot.js'
import { openCloud } from './cloud.js'
import { ask } from './confirm.js'
import { day } from './dates.js'
import { openFaults } from './faults.js'
import { openForms } from './form.js'
import { openPanes } from './panes.js'
import { openPeople } from './people.js'
import { newSettings, openSettings } from './settings.js'
import { openSlack } from './slack.js'
import { follow } from './stream.js'
import { openThreads } from './thread.js'
import { openTime } from './time.js'
import { openToasts } from './toast.js'
import { openTraffic } from './traffic.js'
import { openWorkspace } from './workspace.js'

// The page's one place of wiring: it makes each part, then hands out what the stream tells.

const settings = newSettings()
const app = newApp(settings)
// stamp changes with all that every drawn message depends on: who reads, the page's words, and which day is today.
app.stamp = () => `${app.me.id}|${app.language}|${day(app.now(), app.me.zone)}`

const slack = openSlack(app)
openToasts(app)
openPanes(app)
openSettings(app, settings)
openPeople(app)
openTime(app)
openBot(app)
openAnnounce(app)
openFaults(app)
openForms(app, slack)
openThreads(app, slack)
const cloud = openCloud(app)
const traffic = openTraffic(app)
const workspace = openWorkspace(app, slack)
openHint()

app.on('me', () => { if (document.body.dataset.ready) slack.turn() })

let boot = ''
let ready = Promise.resolve()

follow({
  hello: (hello) => {
    lost(false)
    ready = ready.then(() => begin(hello)).catch(app.fail)
  },
  world: (news) => ready.then(() => app.takeWorld(news)),
  slack: (changes) => ready.then(() => slack.take(changes)),
  cloud: () => ready.then(() => cloud.load()),
  traffic: () => ready.then(() => traffic.load()),
  lost: () => lost(true),
})

// begin loads everything: at the start, after the connection was lost, and in a new world.
async function begin(hello) {
  const fresh = boot !== hello.boot
  boot = hello.boot
  app.takeWorld(await get('/world'))
  if (fresh) {
    app.me = app.world.people.find((p) => p.id === sessionStorage.getItem('me')) || app.world.people[0]
    app.place = null
  }
  await app.takeWorkspace()
  app.tell('me')
  app.tell('known')
  await Promise.all([slack.load(), cloud.load(), traffic.load(fresh)])
  if (!app.place) workspace.open(workspace.start())
  document.body.dataset.ready = 'true'
  performance.mark('ready')
}

function lost(is) {
  document.querySelector('[data-part="lost"]').hidden = !is
  if (is) delete document.body.dataset.ready
}

// A link out of the demo is asked for first: the console knows nothing of what exists only here.
app.on('leave', async (address) => {
  const id = /\b(i-[a-z0-9]+)/.exec(address)?.[1]
  const console = /(^|\.)console\.(aliyun|alibabacloud)\.com$/.test(new URL(address).hostname)
  const here = console && { label: app.t('leave.here'), value: 'here' }
  const answer = await ask({ title: app.t('leave.title'), body: [document.createTextNode(app.t(console ? 'leave.console' : 'leave.page')), addressNode(address)], cancel: app.t('cancel'), test: 'leave',
    answers: [{ label: app.t('leave.go'), value: 'go', style: 'plain' }, here].filter(Boolean) })
  if (answer === 'go') window.open(address, '_blank', 'noopener,noreferrer')
  if (answer === 'here') cloud.find(id)
})

function addressNode(address) {
  const node = document.createElement('pre')
  node.textContent = address
  return node
}

// openHint tells newcomers what to try first, until they have read it.
function openHint() {
  const hint = document.querySelector('[data-part="hint"]')
  hint.hidden = localStorage.getItem('demo hint') === 'read'
  hint.querySelector('button').addEventListener('click', () => {
    hint.hidden = true
    localStorage.setItem('demo hint', 'read')
  })
}
