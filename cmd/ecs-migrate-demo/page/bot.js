import { el, fill } from './dom.js'
import { post } from './api.js'
import { clock } from './dates.js'
import { drawAgain } from './again.js'

// The bot as its operators see it: whether it runs and is ready, and what can be done to it.

export function openBot(app) {
  const root = document.querySelector('[data-part="bot"]')
  const pill = document.querySelector('[data-part="bot-pill"]')
  let busy = ''
  for (const news of ['world', 'words', 'me']) app.on(news, draw)
  let drawn = ''

  function draw() {
    if (!app.world || !app.me) return
    const { bot, language } = app.world
    const stamp = JSON.stringify([bot, language, busy, app.language, app.me.id])
    if (stamp === drawn) return
    drawn = stamp
    const state = bot.state === 'running' && bot.ready && !bot.ready.ready ? 'unready' : bot.state
    fill(pill, el('span', { class: `dot ${state}`, 'aria-hidden': 'true' }), el('span', {}, app.t(`bot.${state}`)))
    pill.dataset.state = state
    // A disabled button would drop the focus that it has.
    const doing = (what, style) => el('button', { type: 'button', class: style, 'aria-disabled': busy ? 'true' : null, 'data-test': `bot-${what}`, onclick: () => command(what) }, app.t(`bot.do.${what}`))
    const up = busy ? busy !== 'start' : bot.state === 'running' || bot.state === 'starting'
    drawAgain(root, () => fill(root,
      el('p', { class: 'bot-line' }, el('span', { class: `dot ${state}`, 'aria-hidden': 'true' }), el('strong', {}, app.t(`bot.${state}`)), ' ',
        el('small', { class: 'dim' }, [bot.pid ? app.t('bot.pid', { pid: bot.pid }) : '', bot.since ? app.t('bot.since', { time: clock(new Date(bot.since), app.pageReader()) }) : '', bot.ready ? app.t('bot.sockets', { n: bot.ready.slack?.standing ?? 0 }) : ''].filter(Boolean).join(' · '))),
      bot.error && el('p', { class: 'block-note', role: 'alert' }, bot.error),
      reasons(bot.ready).length > 0 && el('ul', { class: 'reasons' }, reasons(bot.ready).map((r) => el('li', {}, r))),
      bot.ready?.regions && el('p', { class: 'dim' }, bot.ready.regions.map((r) => el('span', { class: 'region', 'data-region': r.region }, el('span', { class: `dot ${r.error ? 'stopped' : 'running'}`, 'aria-hidden': 'true' }), app.t(r.error ? 'bot.blind' : 'bot.looked', { region: r.region, time: r.last_good_poll ? clock(new Date(r.last_good_poll), app.pageReader()) : '–' })))),
      el('div', { class: 'row' },
        up ? [doing('kill', 'danger'), doing('stop'), doing('restart')] : doing('start', 'primary')),
      el('label', { class: 'row' }, el('span', {}, app.t('bot.language')), languages(language))), () => root.querySelector('[data-test="bot-restart"], [data-test="bot-start"]'))
  }

  function reasons(ready) {
    return (ready?.reasons || []).map((r) => (typeof r === 'string' ? r : JSON.stringify(r)))
  }

  function languages(now) {
    const box = el('select', { 'data-test': 'bot-language', 'aria-disabled': busy ? 'true' : null, onchange: () => command('restart', box.value) },
      el('option', { value: 'en' }, 'English'), el('option', { value: 'zh-CN' }, '中文'))
    box.value = now
    return box
  }

  async function command(what, language) {
    if (busy) return
    busy = what
    draw()
    try {
      const { bot } = await post('/world/bot', language ? { do: what, language } : { do: what })
      app.takeWorld({ bot })
      app.tell('toast', { text: app.t(`bot.done.${what}`) })
    } catch (e) {
      app.fail(e)
    } finally {
      busy = ''
      drawn = ''
      draw()
    }
  }
}
