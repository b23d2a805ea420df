import { el, fill, icon } from './dom.js'
import { words } from './words.js'

// How the page itself looks and speaks, kept in this browser. What the bot says does not follow.

export function newSettings() {
  const settings = {
    language: kept('language', ['en', 'zh']) || (navigator.language.startsWith('zh') ? 'zh' : 'en'),
    theme: kept('theme', ['light', 'dark', 'auto']) || 'auto',
    t: (key, args) => words(settings.language, key, args),
  }
  document.documentElement.dataset.theme = settings.theme
  return settings
}

export function openSettings(app, settings) {
  const root = document.querySelector('[data-part="settings"]')
  draw()

  function draw() {
    const other = settings.language === 'en' ? 'zh' : 'en'
    const themes = ['auto', 'light', 'dark']
    const next = themes[(themes.indexOf(settings.theme) + 1) % themes.length]
    fill(root,
      el('button', { type: 'button', class: 'bare', lang: other === 'zh' ? 'zh-CN' : 'en', 'data-test': 'language', 'data-language': settings.language, onclick: () => { speak(other); root.querySelector('[data-test=language]').focus() } }, other === 'zh' ? '中文' : 'English'),
      el('button', { type: 'button', class: 'bare', 'data-test': 'theme', 'data-theme-now': settings.theme, 'aria-label': app.t(`theme.${settings.theme}`), title: app.t(`theme.${settings.theme}`), onclick: () => {
        settings.theme = next
        keep('theme', next)
        document.documentElement.dataset.theme = next
        draw()
        root.querySelector('[data-test=theme]').focus()
      } }, icon(settings.theme)))
    translate(app)
  }

  function speak(language) {
    settings.language = language
    keep('language', language)
    draw()
    app.tell('words')
  }
}

// translate fills in the words of what stands in the page's own HTML.
function translate(app) {
  document.documentElement.lang = app.language === 'zh' ? 'zh-CN' : 'en'
  document.title = app.t('title')
  for (const node of document.querySelectorAll('[data-word]')) node.textContent = app.t(node.dataset.word)
  for (const node of document.querySelectorAll('[data-word-placeholder]')) node.placeholder = app.t(node.dataset.wordPlaceholder)
  for (const node of document.querySelectorAll('[data-word-title]')) node.title = app.t(node.dataset.wordTitle)
  for (const node of document.querySelectorAll('[data-word-label]')) node.setAttribute('aria-label', app.t(node.dataset.wordLabel))
}

function kept(name, allowed) {
  const value = localStorage.getItem(`demo ${name}`)
  return allowed.includes(value) ? value : ''
}

function keep(name, value) {
  localStorage.setItem(`demo ${name}`, value)
}
