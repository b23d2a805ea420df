import { drawAgain } from './again.js'
import { ago, clock, day, fromWall, inFull, nearDay, slackDate, toWall, zoneName } from './dates.js'
import { el, fill } from './dom.js'
import { resolve } from './links.js'
import { parse, withEmoji } from './mrkdwn.js'
import { newPicks } from './picks.js'
import { drawBlocks } from './blocks.js'
import { newTimeline } from './timeline.js'
import { complete, quoted } from './verbs.js'
import { en } from './words-en.js'
import { zh } from './words-zh.js'

// The page's own tests. They run where the page runs: open /page/tests.html. The outcome stands in the title and in
// body's data-state (passed or failed) and data-failures.

const results = document.querySelector('#results')
const failures = []

function same(name, got, want) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)]
  if (a === b) return
  failures.push(`${name}\n  got  ${a}\n  want ${b}`)
}

async function test(name, run) {
  const before = failures.length
  try {
    await run()
  } catch (e) {
    failures.push(`${name}: ${e.stack}`)
  }
  results.append(el('li', {}, `${failures.length > before ? 'FAILED' : 'ok'} ${name}`, el('pre', {}, failures.slice(before).join('\n'))))
}

// written shows parsed text in a short form of its own: B(bold), I(italic) and so on.
function written(nodes) {
  const letters = { bold: 'B', italic: 'I', strike: 'S', code: 'C', pre: 'P', quote: 'Q' }
  return nodes.map((n) => {
    if (n.children) return `${letters[n.kind]}(${written(n.children)})`
    switch (n.kind) {
      case 'text': return n.text
      case 'link': return `L(${n.url}|${n.label})`
      case 'date': return `D(${n.seconds}|${n.format}|${n.fallback})`
      case 'emoji': return `E(${n.name})`
      case 'broadcast': return `!(${n.name})`
    }
    return `${n.kind}(${n.id})`
  }).join('')
}

await test('mrkdwn', () => {
  for (const [text, want] of [
    ['plain', 'plain'],
    ['*bold* _it_ ~no~ `code`', 'B(bold) I(it) S(no) C(code)'],
    ['*a _b_ c*', 'B(a I(b) c)'],
    ['2*3*4 snake_case_name a~b~', '2*3*4 snake_case_name a~b~'],
    ['* not* *not * **', '* not* *not * **'],
    ['*one\ntwo*', '*one\ntwo*'],
    ['(*x*), *y*.', '(B(x)), B(y).'],
    ['中*粗*文 *粗*', '中*粗*文 B(粗)'],
    ['**x** *x**', '**x** *x**'],
    ['`*not bold* &lt;x&gt;`', 'C(*not bold* <x>)'],
    ['`a\nb`', '`a\nb`'],
    ['*`a*b`*', 'B(C(a*b))'],
    ['```one\n*two*```\nthree', 'P(one\n*two*)three'],
    ['a\n```\nb\n```', 'aP(b)'],
    ['> a\n> b\nc', 'Q(a\nb)c'],
    ['&gt; a', 'Q(a)'],
    ['>>> a\nb', 'Q(a\nb)'],
    ['a > b', 'a > b'],
    ['&lt;!channel&gt; &amp;amp;', '<!channel> &amp;'],
    ['<!channel> <!here>', '!(channel) !(here)'],
    ['<@U012ABC> <@U012ABC|lin> <#C012> <!subteam^S012|@on-call>', 'user(U012ABC) user(U012ABC) channel(C012) group(S012)'],
    ['<https://a.b/c?d=1&amp;e=2|f &lt;g&gt;>', 'L(https://a.b/c?d=1&e=2|f <g>)'],
    ['<https://a.b>', 'L(https://a.b|https://a.b)'],
    ['<javascript:alert(1)|x>', '<javascript:alert(1)|x>'],
    ['see https://a.b/c.', 'see L(https://a.b/c|https://a.b/c).'],
    ['<!date^1714672800^{date_short} {time}|3 May>', 'D(1714672800|{date_short} {time}|3 May)'],
    ['*<!date^1714672800^{time}|x>*', 'B(D(1714672800|{time}|x))'],
    ['<nonsense> <', '<nonsense> <'],
    [':warning: :nosuch: 02:00:00', 'E(warning) :nosuch: 02:00:00'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ]) same(text, written(parse(text)), want)
  same('verbatim', written(parse('see https://a.b', { verbatim: true })), 'see https://a.b')
  same('plain emoji', withEmoji(':x: :y_: 1:2:3'), '❌ :y_: 1:2:3')
})

await test('mrkdwn of anything is text, and quick', () => {
  const signs = ['*', '_', '~', '`', '```', '<', '>', '|', '!date^1^', '&lt;', ':x:', '\n', ' ', 'a', '中', '>>>', 'https://a.b']
  let seed = 7
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n
  const began = performance.now()
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: 1 + next(40) }, () => signs[next(signs.length)]).join('')
    const nodes = parse(text)
    if (!Array.isArray(nodes)) failures.push(text)
  }
  parse('*_~`<'.repeat(2400))
  if (performance.now() - began > 4000) failures.push(`it took ${performance.now() - began} ms`)
})

const london = { zone: 'Europe/London', locale: 'en-GB', now: new Date('2024-05-02T12:00:00Z') }

await test('dates', () => {
  const at = Date.parse('2024-05-03T01:00:00Z') / 1000
  for (const [format, reader, want] of [
    ['{date_num} {time}', london, '2024-05-03 02:00'],
    ['{date_num} {time_secs}', { ...london, zone: 'Asia/Shanghai' }, '2024-05-03 09:00:00'],
    ['{date_short}', london, '3 May 2024'],
    ['{date_short_pretty} at {time}', london, 'tomorrow at 02:00'],
    ['{date_short_pretty}', { ...london, zone: 'America/New_York' }, 'today'],
    ['{date_pretty} {time}', { ...london, zone: 'Asia/Shanghai', locale: 'zh-CN' }, '明天 09:00'],
    ['{date_long}', { ...london, locale: 'zh-CN' }, '2024年5月3日星期五'],
    ['{ago}', london, 'in 13 hours'],
    ['{nonsense}', london, null],
  ]) same(format, slackDate(at, format, reader), want)
  same('American', slackDate(at, '{time}', { ...london, zone: 'America/New_York', locale: 'en-US' }).replace(/\s/g, ' '), '9:00 PM')
  same('no moment', slackDate(NaN, '{time}', london), null)
  same('unknown zone and locale', slackDate(at, '{date_num}', { ...london, zone: 'Mars/One', locale: '?' }), '2024-05-03')
  same('yesterday', nearDay(new Date('2024-05-01T22:59:00Z'), london), 'yesterday')
  same('no name for a day further off', [nearDay(new Date('2024-05-04T12:00:00Z'), london), nearDay(new Date('2024-04-30T12:00:00Z'), london)], ['', ''])
  for (const [hours, reader, want] of [
    [23, london, 'in 23 hours'],
    [24, london, 'tomorrow'],
    [34, london, 'tomorrow'],
    [35, london, 'in 2 days'], // midnight of the day after tomorrow
    [41, london, 'in 2 days'],
    [41, { ...london, zone: 'America/Los_Angeles' }, 'tomorrow'],
    [41, { ...london, locale: 'zh-CN' }, '后天'],
    [-38, london, '2 days ago'],
    [-30, london, 'yesterday'],
  ]) same(`${hours} h in ${reader.zone}`, ago(new Date(london.now.getTime() + hours * 3600000), reader), want)
  same('in full', inFull(new Date('2026-12-01T02:00:00Z'), london).replace(/^(\w+),/, '$1'), 'Tuesday 1 December 2026 at 02:00 · Europe/London, UTC+00:00 = 2026-12-01 02:00 UTC')
  same('day', day(new Date('2024-05-01T23:30:00Z'), 'Europe/London'), '2024-05-02')
  same('clock', clock(new Date('2024-05-01T23:30:00Z'), london), '00:30')
  same('zone', zoneName(new Date('2024-05-01T00:00:00Z'), 'Asia/Shanghai'), 'Asia/Shanghai, UTC+08:00')
  same('zone west', zoneName(new Date('2024-05-01T00:00:00Z'), 'America/St_Johns'), 'America/St_Johns, UTC−02:30')
})

await test('wall clocks', () => {
  for (const zone of ['UTC', 'Europe/London', 'America/New_York', 'Asia/Shanghai', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia']) {
    for (let at = Date.parse('2024-01-01T00:30:00Z') / 1000; at < Date.parse('2025-01-01T00:00:00Z') / 1000; at += 7 * 3600) {
      const wall = toWall(at, zone)
      const back = fromWall(wall, zone)
      if (toWall(back, zone) !== wall || (back !== at && Math.abs(back - at) > 3600)) failures.push(`${zone} ${at}: ${wall} is ${back}`)
    }
  }
  same('spring gap', fromWall('2024-03-31T01:30', 'Europe/London'), Date.parse('2024-03-31T01:30:00Z') / 1000)
  same('autumn, the first of two', fromWall('2024-10-27T01:30', 'Europe/London'), Date.parse('2024-10-27T00:30:00Z') / 1000)
  same('west, the first of two', fromWall('2024-11-03T01:30', 'America/New_York'), Date.parse('2024-11-03T05:30:00Z') / 1000)
  same('no time', fromWall('soon', 'UTC'), null)
})

await test('links', () => {
  same('message', resolve('https://stub-team.slack.com/archives/C012/p1714096800000100'), { channel: 'C012', ts: '1714096800.000100', thread: '' })
  same('reply', resolve('https://stub-team.slack.com/archives/C012/p1714096800000200?thread_ts=1714096800.000100&cid=C012'), { channel: 'C012', ts: '1714096800.000200', thread: '1714096800.000100' })
  same('redirect', resolve('https://slack.com/app_redirect?channel=C012&message_ts=1714096800.000100'), { channel: 'C012', ts: '1714096800.000100', thread: '' })
  same('elsewhere', resolve('https://notslack.com/archives/C012/p1714096800000100'), { outside: 'https://notslack.com/archives/C012/p1714096800000100' })
  same('script', resolve('javascript:alert(1)'), null)
  same('data', resolve('data:text/html,x'), null)
})

await test('completion', () => {
  const world = { commands: ['/ecs-migrate'], targets: [{ name: 'web-01', note: 'i-1' }, { name: 'batch <nightly> & reports', note: 'i-2' }], people: ['lin'], whens: ['+3h'], explain: () => '' }
  const offers = (line) => complete(line, world).map((o) => o.text)
  same('nothing', offers('hello'), [])
  same('command', offers('/e'), ['/ecs-migrate '])
  same('verbs', offers('/ecs-migrate re'), ['/ecs-migrate reserve ', '/ecs-migrate reschedule '])
  same('filters', offers('/ecs-migrate list m'), ['/ecs-migrate list mine'])
  same('targets', offers('/ecs-migrate show '), ['/ecs-migrate show web-01', '/ecs-migrate show "batch <nightly> & reports"'])
  same('in quotes', offers('/ecs-migrate reserve "batch <n'), ['/ecs-migrate reserve "batch <nightly> & reports" '])
  same('when', offers('/ecs-migrate reserve "a b" '), ['/ecs-migrate reserve "a b" +3h'])
  same('person', offers('/ecs-migrate assign web-01 @l'), ['/ecs-migrate assign web-01 @lin'])
  same('done', offers('/ecs-migrate list mine '), [])
  same('unknown verb', offers('/ecs-migrate nonsense '), [])
  same('quotes', [quoted('a'), quoted('a b'), quoted('a "b"')], ['a', '"a b"', '「a "b"」'])
})

// A page with nobody else in it, for drawing blocks.
function fakeApp() {
  const app = { t: (k, a) => `${k}${a ? JSON.stringify(a) : ''}`, me: { id: 'U1', zone: 'Asia/Shanghai', locale: 'zh-CN' }, groups: new Map(), channels: [], now: () => london.now,
    reader: () => ({ ...app.me, now: london.now }), personName: () => '', channelName: () => '', everyone: () => [], acts: [],
    act: async (what, body) => { app.acts.push([what, body]); return {} }, leave() {}, goTo() {} }
  app.picks = newPicks(() => app.me.id)
  return app
}

const hostile = '<script>document.title="stolen"</script><img src=x onerror=alert(1)> *b* <!channel>'

await test('hostile text stays text', () => {
  const app = fakeApp()
  const plain = (text) => ({ type: 'plain_text', text })
  const node = el('div', {}, drawBlocks([
    { type: 'header', text: plain(hostile) },
    { type: 'section', text: { type: 'mrkdwn', text: hostile }, fields: [plain(hostile)], accessory: { type: 'overflow', action_id: 'o', options: [{ text: plain(hostile), value: hostile }] } },
    { type: 'context', elements: [plain(hostile), { type: 'image', image_url: 'https://elsewhere.example/x.png', alt_text: hostile }] },
    { type: 'actions', block_id: 'b', elements: [{ type: 'button', action_id: 'a', text: plain(hostile) }, { type: 'static_select', action_id: 's', options: [{ text: plain(hostile), value: 'v' }] }] },
    { type: 'input', block_id: 'i', label: plain(hostile), element: { type: 'plain_text_input', action_id: 'p', initial_value: hostile } },
    { type: hostile, text: hostile },
  ], { app, where: {}, container: 'x' }))
  same('scripts', node.querySelectorAll('script, img, iframe, [onerror]').length, 0)
  same('header', node.querySelector('h3').textContent, hostile)
  same('input', node.querySelector('input').value, hostile)
  same('never dropped', node.querySelector('.unknown').dataset.unknown, hostile)
  same('a mention that is one', [...node.querySelectorAll('.block-section .text .mention')].map((n) => n.textContent), ['@channel'])
})

// nameOf is an element's accessible name, in outline (https://www.w3.org/TR/accname-1.2/): a field is not named by what
// can be chosen in it, nor by a label without words.
function nameOf(node) {
  const said = (n) => [...(n?.childNodes || [])].map((c) => (c.nodeType === Node.TEXT_NODE ? c.data : c.matches?.('input, select, textarea, [aria-hidden="true"]') ? '' : said(c))).join('').trim()
  const ids = (node.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean)
  const byContent = node.matches('button, a, summary')
  return ids.map((id) => said(document.getElementById(id))).join(' ').trim() || node.getAttribute('aria-label')?.trim() || [...(node.labels || [])].map(said).join(' ').trim() || (byContent && said(node)) || node.title
}

await test('names', () => {
  const node = el('div', {}, el('select', {}, el('option', {}, 'one')), el('label', {}, el('input')), el('label', {}, el('input'), 'two'), el('button', {}, 'three'), el('input', { 'aria-labelledby': 'nowhere' }))
  document.body.append(node)
  same('given', [...node.querySelectorAll('select, input, button')].map(nameOf), ['', '', 'two', 'three', ''])
  node.remove()
})

await test('every element draws, and tells what was picked', async () => {
  const app = fakeApp()
  const plain = (text) => ({ type: 'plain_text', text })
  const options = ['a', 'b'].map((v) => ({ text: plain(v.toUpperCase()), value: v }))
  const elements = [
    { type: 'button', action_id: 'button', text: plain('x'), value: 'v' }, { type: 'overflow', action_id: 'overflow', options },
    { type: 'static_select', action_id: 'static_select', options, initial_option: options[1] }, { type: 'multi_static_select', action_id: 'multi', options, initial_options: options },
    { type: 'users_select', action_id: 'users_select' }, { type: 'checkboxes', action_id: 'checkboxes', options, initial_options: [options[0]] }, { type: 'radio_buttons', action_id: 'radio_buttons', options },
    { type: 'datepicker', action_id: 'datepicker', initial_date: '2024-05-03' }, { type: 'timepicker', action_id: 'timepicker', initial_time: '02:00' }, { type: 'datetimepicker', action_id: 'datetimepicker', initial_date_time: 1714672800 },
  ]
  const fields = ['plain_text_input', 'number_input', 'email_text_input', 'url_text_input'].map((type) => ({ type: 'input', block_id: type, label: plain(type), element: { type, action_id: type } }))
  const node = el('div', {}, drawBlocks([{ type: 'actions', block_id: 'b', elements }, ...fields], { app, where: { view: 'V1' }, container: 'V1' }))
  document.body.append(node)
  same('unknown ones', node.querySelectorAll('.unknown').length, 0)
  same('all are there', [...node.querySelectorAll('[data-action-id]')].length, elements.length + fields.length)
  same('select', node.querySelector('select').value, 'b')
  same('wall time of Shanghai', node.querySelector('[type=datetime-local]').value, '2024-05-03T02:00')
  const note = node.querySelector('.zone-note')
  same('which moment that is, as its reader says it', note.textContent, '2024年5月3日星期五 02:00 · Asia/Shanghai, UTC+08:00 = 2024-05-02 18:00 UTC')
  const picker = node.querySelector('[type=datetime-local]')
  picker.value = '2024-05-04T02:00'
  picker.dispatchEvent(new Event('input'))
  same('and it follows the hand', note.textContent.startsWith('2024年5月4日星期六 02:00'), true)
  node.querySelector('[data-action-id=button]').click()
  const box = node.querySelectorAll('[data-action-id=checkboxes] input')[1]
  box.click()
  const select = node.querySelector('select')
  select.value = 'a'
  select.dispatchEvent(new Event('change'))
  await new Promise((done) => setTimeout(done, 20))
  same('told', app.acts.filter(([, b]) => b.action_id !== 'datetimepicker').map(([what, b]) => [what, b.view, b.block_id, b.action_id, b.values]), [
    ['click', 'V1', 'b', 'button', []], ['click', 'V1', 'b', 'checkboxes', ['a', 'b']], ['click', 'V1', 'b', 'static_select', ['a']],
  ])
  const text = node.querySelector('[data-action-id=plain_text_input]')
  text.value = 'typed'
  text.dispatchEvent(new Event('input'))
  same('kept for the submission', app.picks.touched({ container: 'V1' }, fields), { 'plain_text_input/plain_text_input': ['typed'] })
  same('sent along with the next click', app.picks.unsent({ container: 'V1' }, fields), [{ block_id: 'plain_text_input', action_id: 'plain_text_input', values: ['typed'] }])
  same('once', app.picks.unsent({ container: 'V1' }, fields), [])
  const quiet = el('div', {}, drawBlocks([{ type: 'input', block_id: 'quiet', label: plain('q'), element: { type: 'radio_buttons', action_id: 'quiet', options } }], { app, where: { view: 'V1' }, container: 'V1' }))
  node.append(quiet)
  quiet.querySelector('input').click()
  same('a field of a form tells nobody before it is sent', app.acts.length, 3)
  const again = el('div', {}, drawBlocks(fields, { app, where: { view: 'V1' }, container: 'V1' }))
  same('kept when drawn again', again.querySelector('[data-action-id=plain_text_input]').value, 'typed')
  for (const control of node.querySelectorAll('input, select, textarea, button, [role=group], [role=radiogroup]')) {
    if (!nameOf(control)) failures.push(`no name: ${control.outerHTML}`)
  }
  node.remove()
})

await test('a long list draws again only what changed', async () => {
  const list = el('ol')
  const scroller = el('div', {}, list)
  scroller.style.cssText = 'height: 200px; overflow-y: auto; position: relative'
  document.body.append(scroller)
  const timeline = newTimeline(list, scroller)
  const drawn = []
  const item = (key, version = 1) => ({ key, version, data: { class: 'message' }, draw: () => { drawn.push(`${key}/${version}`); return [el('p', {}, key), el('button', { 'data-test': 'b' }, 'b')] } })
  timeline.update(['a', 'b', 'c'].map((k) => item(k)))
  const nodes = [...list.children]
  list.querySelectorAll('button')[1].focus()
  timeline.update([item('a'), item('b', 2), item('x'), item('c')])
  same('what was drawn', drawn, ['a/1', 'b/1', 'c/1', 'b/2', 'x/1'])
  same('the others stay', [list.children[0] === nodes[0], list.children[1] === nodes[1], list.children[3] === nodes[2]], [true, true, true])
  same('the focus stays', document.activeElement === list.children[1].querySelector('button'), true)
  timeline.update([item('c'), item('a')])
  same('order', [...list.children].map((n) => n.dataset.key), ['c', 'a'])
  timeline.update(Array.from({ length: 300 }, (_, i) => item(`n${i}`)))
  same('few at once', list.querySelectorAll('p').length <= 40, true)
  same('the newest first', Boolean(list.lastElementChild.querySelector('p')), true)
  for (let i = 0; i < 100 && list.querySelectorAll('p').length < 300; i++) await new Promise((done) => setTimeout(done, 50))
  same('all in the end', list.querySelectorAll('p').length, 300)
  same('it follows its end', scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2, true)
  scroller.scrollTop = 0
  await new Promise((done) => setTimeout(done, 100))
  timeline.update([...Array.from({ length: 300 }, (_, i) => item(`n${i}`)), item('news')])
  same('unless its reader went away', scroller.scrollTop, 0)
  same('and can be brought there', timeline.reveal('news')?.dataset.key, 'news')
  scroller.remove()
})

await test('what is drawn again', async () => {
  const root = document.body.appendChild(el('div'))
  const press = (kind, on) => on.dispatchEvent(new PointerEvent(kind, { bubbles: true, buttons: kind === 'pointerup' ? 0 : 1 }))
  const draw = (n) => () => fill(root, el('button', { 'data-test': 'kill' }, String(n)))
  drawAgain(root, draw(1))
  same('nobody presses', root.textContent, '1')
  const button = root.firstChild
  button.focus()
  press('pointerdown', button)
  drawAgain(root, draw(2))
  drawAgain(root, draw(3))
  same('under a finger', [root.textContent, button.isConnected], ['1', true])
  press('pointerup', button)
  same('before the click', button.isConnected, true)
  await new Promise((done) => setTimeout(done, 20))
  same('let go of, the newest', root.textContent, '3')
  same('the focus stays', document.activeElement === root.firstChild, true)
  press('pointerdown', document.body)
  drawAgain(root, draw(4))
  same('what is pressed elsewhere', root.textContent, '4')
  press('pointerup', document.body)
  root.remove()
})

await test('words', async () => {
  same('the same keys', Object.keys(en).filter((k) => !(k in zh)), [])
  same('no more keys', Object.keys(zh).filter((k) => !(k in en)), [])
  const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort()
  for (const key of Object.keys(en)) {
    if (!en[key] || !zh[key]) failures.push(`${key} is empty`)
    same(`${key}: the same names`, holes(zh[key] || ''), holes(en[key]))
  }
  // Every key that the page's code or HTML names is there.
  const main = await (await fetch('/page/main.js')).text()
  const files = ['index.html', 'main.js', ...[...main.matchAll(/from '\.\/([\w-]+\.js)'/g)].map((m) => m[1]), 'message.js', 'elements.js', 'blocks.js', 'rich.js', 'json.js', 'composer.js', 'file.js']
  const used = new Set()
  for (const file of new Set(files)) {
    const text = await (await fetch(file === 'index.html' ? '/' : `/page/${file}`)).text()
    for (const m of text.matchAll(/\bt\('([\w.]+)'|data-word(?:-label|-placeholder|-title)?="([\w.]+)"/g)) used.add(m[1] || m[2])
  }
  if (used.size < 60) failures.push(`only ${used.size} keys were found in the code`)
  for (const key of used) if (!(key in en)) failures.push(`no words for ${key}`)
})

document.body.dataset.state = failures.length ? 'failed' : 'passed'
document.body.dataset.failures = JSON.stringify(failures)
document.title = failures.length ? `${failures.length} failed` : 'passed'
