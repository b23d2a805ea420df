import { el, icon } from './dom.js'
import { get, post } from './api.js'
import { drawBlocks } from './blocks.js'
import { ask } from './confirm.js'
import { clock, moment, show, utc } from './dates.js'
import { drawFile } from './file.js'
import { jsonView } from './json.js'
import { unknown } from './elements.js'
import { drawMrkdwn } from './rich.js'

// One message as its reader sees it.

// sentAt is when a message was sent: Slack's ts is the time.
export const sentAt = (ts) => new Date(Number(ts) * 1000)

// messageItem is a message as a row of a timeline. more is {replies, inThread, openThread}.
export function messageItem(m, app, slack, more) {
  const { replies } = more
  return {
    key: `${m.channel}/${m.ts}`,
    version: [m.seq, replies?.count, replies?.last, replies?.calls, more.inThread, app.stamp()].join('|'),
    data: { class: m.to ? 'message whisper' : 'message', 'data-message-ts': m.ts, 'data-channel': m.channel, 'data-from': m.bot_id ? 'bot' : 'person', 'data-seq': m.seq },
    draw: () => drawMessage(m, app, slack, more),
  }
}

// texts holds what messages say, to be searched for names.
const texts = new WeakMap()

// mentions tells whether a message calls the acting person: by name, by a group, or all.
export function mentions(m, app) {
  if (!texts.has(m)) texts.set(m, m.text + JSON.stringify(m.blocks || ''))
  const text = texts.get(m)
  if (m.to || m.user === app.me.id) return false
  return text.includes(`<@${app.me.id}`) || /<!(here|channel|everyone)/.test(text) ||
    [...app.groups.values()].some((g) => g.users?.includes(app.me.id) && text.includes(`<!subteam^${g.id}`))
}

function drawMessage(m, app, slack, { replies, inThread, openThread }) {
  if (m.deleted) return [el('div', { class: 'avatar gone' }), el('div', { class: 'message-main' }, el('p', { class: 'dim' }, app.t('message.deleted')), replyBar(m, app, replies, inThread, openThread))]
  const surface = { app, where: { channel: m.channel, ts: m.ts }, container: `${m.channel}/${m.ts}` }
  return [
    avatar(m, app),
    el('div', { class: 'message-main' },
      m.to && el('p', { class: 'only-you' }, el('span', {}, app.t('message.onlyYou')),
        el('button', { type: 'button', class: 'link', 'data-test': 'dismiss', onclick: () => slack.dismiss(m) }, app.t('message.dismiss'))),
      m.reply_broadcast && !inThread && el('p', { class: 'only-you' }, el('span', {}, app.t('message.fromThread')),
        el('button', { type: 'button', class: 'link', onclick: () => openThread(m.thread_ts) }, app.t('message.seeThread'))),
      el('header', { class: 'message-head' },
        el('strong', {}, author(m, app)),
        m.bot_id && el('span', { class: 'tag' }, app.t('message.app')),
        el('time', { datetime: sentAt(m.ts).toISOString(), title: `${show(sentAt(m.ts), app.reader(), { dateStyle: 'full', timeStyle: 'medium' })} = ${utc(sentAt(m.ts))}` },
          clock(sentAt(m.ts), app.reader())),
        m.edited && el('small', { class: 'dim' }, app.t('message.edited'))),
      el('div', { class: 'message-body' },
        m.blocks?.length ? drawBlocks(m.blocks, surface) : m.text && el('div', { class: 'text' }, drawMrkdwn(m.text, app)),
        (m.attachments || []).map((a) => attachment(a, surface)),
        (m.files || []).map((f) => drawFile(f, app))),
      replyBar(m, app, replies, inThread, openThread)),
    tools(m, app, inThread, openThread),
  ]
}

function author(m, app) {
  return m.bot_id ? app.t('bot.name') : app.personName(m.user) || m.user
}

function avatar(m, app) {
  return m.bot_id ? el('div', { class: 'avatar bot', 'aria-hidden': 'true' }) : face(app.users.get(m.user) || { id: m.user, name: m.user })
}

// face stands for a person: their initial on a colour of their own.
export function face(person) {
  const node = el('div', { class: 'avatar', 'aria-hidden': 'true' }, [...(person.real_name || person.name)][0].toUpperCase())
  const hue = [...person.id].reduce((sum, c) => (sum * 31 + c.codePointAt(0) * 67) % 360, 7)
  node.style.setProperty('--hue', String(hue))
  return node
}

// attachment draws a secondary attachment with blocks, or shows what it is.
function attachment(a, surface) {
  const box = el('div', { class: 'attachment' }, a.blocks ? drawBlocks(a.blocks, surface) : a.text ? el('div', { class: 'text' }, drawMrkdwn(a.text, surface.app)) : unknown({ type: 'attachment', ...a }, surface.app))
  if (/^#?[0-9a-f]{6}$/i.test(a.color || '')) box.style.borderInlineStartColor = `#${a.color.replace('#', '')}`
  return box
}

function replyBar(m, app, replies, inThread, openThread) {
  if (!replies?.count || inThread) return null
  return el('button', { type: 'button', class: replies.calls ? 'replies called' : 'replies', 'data-test': 'replies', onclick: () => openThread(m.ts) },
    icon('thread'), app.t(replies.count === 1 ? 'replies.one' : 'replies.many', { n: replies.count }),
    replies.calls && el('span', { class: 'badge' }, app.t('replies.called')),
    el('small', { class: 'dim' }, app.t('replies.last', { time: moment(sentAt(replies.last), app.pageReader()) })))
}

function tools(m, app, inThread, openThread) {
  const tool = (name, label, test, onclick) => el('button', { type: 'button', title: label, 'aria-label': label, 'data-test': test, onclick }, icon(name))
  return el('div', { class: 'tools', role: 'group', 'aria-label': app.t('tools') },
    !inThread && !m.to && tool('thread', app.t('tools.thread'), 'open-thread', () => openThread(m.thread_ts || m.ts)),
    tool('braces', app.t('tools.inside'), 'inside', () => inside(m, app)),
    !m.to && tool('trash', app.t('tools.delete'), 'delete-message', () => remove(m, app)))
}

async function remove(m, app) {
  const yes = await ask({ title: app.t('delete.title'), body: app.t('delete.text'), cancel: app.t('cancel'), answers: [{ label: app.t('delete.yes'), value: true, style: 'danger' }] })
  if (!yes) return
  await post('/slack/control/delete', { channel: m.channel, ts: m.ts }).catch(app.fail)
}

// inside shows what a message is made of, with every version that it had.
async function inside(m, app) {
  const whole = m.to ? { ...m, versions: [] } : await get('/slack/control/message', { channel: m.channel, ts: m.ts }).catch(() => m)
  const versions = (whole.versions || []).map((v, i) => el('details', { class: 'version' },
    el('summary', {}, app.t('inside.version', { n: i + 1 }), ' ', el('small', { class: 'dim' }, `${show(new Date(v.at), app.pageReader(), { dateStyle: 'medium', timeStyle: 'medium' })} · ${v.by}`)),
    el('div', { class: 'preview', inert: true }, v.blocks?.length ? drawBlocks(v.blocks, { app, where: {}, container: 'preview' }) : el('div', { class: 'text' }, drawMrkdwn(v.text, app))),
    jsonView(v, app))).reverse()
  const now = { ...whole, versions: undefined }
  await ask({ title: app.t('tools.inside'), wide: true, test: 'inside', cancel: app.t('close'),
    body: [jsonView(now, app), versions.length > 1 && el('h3', {}, app.t('inside.versions', { n: versions.length })), versions.length > 1 && versions] })
}
