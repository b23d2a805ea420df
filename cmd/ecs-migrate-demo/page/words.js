import { en } from './words-en.js'
import { zh } from './words-zh.js'

// The page's own words. What the bot says comes from the bot and follows its own rules.

// words gives a text by its key, with {names} filled in; a key that is not there is shown as it is.
export function words(language, key, args = {}) {
  const text = { en, zh }[language]?.[key] ?? key
  return text.replace(/\{(\w+)\}/g, (all, name) => args[name] ?? all)
}
