// Moments as a person reads them: in their zone and their locale, as Slack's clients show them.

const made = new Map() // Intl's formatters are slow to make

function formatter(locale, zone, options) {
  const key = `${locale}|${zone}|${JSON.stringify(options)}`
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(known(locale), { timeZone: knownZone(zone), ...options }))
  return made.get(key)
}

function known(locale) {
  try {
    return Intl.getCanonicalLocales(locale || 'en-GB')[0]
  } catch {
    return 'en-GB'
  }
}

// knownZone is the zone, or UTC where the browser does not know it.
function knownZone(zone) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone || 'UTC' })
    return zone || 'UTC'
  } catch {
    return 'UTC'
  }
}

// show formats a Date with Intl's options for a reader: {zone, locale}.
export function show(date, reader, options) {
  return formatter(reader.locale, reader.zone, options).format(date)
}

// clock is a time of day: 02:00, or 2:00 AM where that is how people write it.
export function clock(date, reader) {
  return show(date, reader, { timeStyle: 'short' })
}

// moment is a day and a time of day, short enough for a list.
export function moment(date, reader, { weekday } = {}) {
  return `${show(date, reader, { weekday: weekday ? 'short' : undefined, day: 'numeric', month: 'short' })} ${clock(date, reader)}`
}

const styles = {
  date: { dateStyle: 'long' },
  date_short: { dateStyle: 'medium' },
  date_long: { dateStyle: 'full' },
  date_long_full: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
}

// slackDate fills in the format of a <!date^…> token, such as "{date_short} {time}"; null where it has a word that
// Slack does not know or the moment is none: then the token's own fallback is shown.
// Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting
export function slackDate(seconds, format, reader) {
  const date = new Date(seconds * 1000)
  if (!Number.isFinite(date.getTime())) return null
  let unknown = false
  const text = format.replace(/\{([a-z_]+)\}/g, (_, word) => {
    const part = dateWord(date, word, reader)
    unknown ||= part === null
    return part
  })
  return unknown ? null : text
}

function dateWord(date, word, reader) {
  if (word === 'ago') return ago(date, reader)
  if (word === 'date_num') return day(date, reader.zone)
  if (word === 'date_slash') return day(date, reader.zone).replace(/^(\d+)-(\d+)-(\d+)$/, '$2/$3/$1')
  if (word.endsWith('_pretty')) {
    const near = nearDay(date, reader)
    if (near) return near
    word = word.slice(0, -'_pretty'.length)
  }
  return styles[word] ? show(date, reader, styles[word]) : null
}

// day is the calendar day in a zone, as 2026-05-01.
export function day(date, zone) {
  const p = parts(date, zone)
  return `${p.year}-${p.month}-${p.day}`
}

// nearDay names yesterday, today and tomorrow, and is empty for other days.
export function nearDay(date, reader) {
  const days = daysAway(date, reader)
  if (Math.abs(days) > 1) return ''
  return new Intl.RelativeTimeFormat(known(reader.locale), { numeric: 'auto' }).format(days, 'day')
}

// daysAway counts the midnights between now and a moment.
function daysAway(date, reader) {
  return Math.round((Date.parse(day(date, reader.zone)) - Date.parse(day(reader.now, reader.zone))) / 86400000)
}

// ago tells how far away a moment is, in the largest unit that is full. Days are those of the calendar: what is 41
// hours away may be the day after tomorrow.
export function ago(date, reader) {
  const seconds = Math.round((date - reader.now) / 1000)
  const units = [['day', 86400], ['hour', 3600], ['minute', 60]]
  const [unit, size] = units.find(([, s]) => Math.abs(seconds) >= s) || ['second', 1]
  return new Intl.RelativeTimeFormat(known(reader.locale), { numeric: 'auto' }).format(unit === 'day' ? daysAway(date, reader) : Math.trunc(seconds / size), unit)
}

function parts(date, zone) {
  const out = {}
  const options = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
  for (const { type, value } of formatter('en-GB', zone, options).formatToParts(date)) out[type] = value
  return out
}

// offset is how many minutes a zone is ahead of UTC at a moment.
export function offset(date, zone) {
  const p = parts(date, zone)
  const wall = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second)
  return Math.round((wall - Math.floor(date.getTime() / 1000) * 1000) / 60000)
}

// zoneName is a zone and its offset at a moment, such as "Asia/Shanghai, UTC+08:00".
export function zoneName(date, zone) {
  const minutes = offset(date, zone)
  const two = (n) => String(n).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${knownZone(zone)}, UTC${minutes < 0 ? '−' : '+'}${two(Math.trunc(size / 60))}:${two(size % 60)}`
}

// inFull is a moment as its reader says it, with the zone and UTC: a field for dates writes them as the browser's own
// language does, where 12/01 is the first of December or the twelfth of January.
export function inFull(date, reader) {
  return `${show(date, reader, { dateStyle: 'full', timeStyle: 'short' })} · ${zoneName(date, reader.zone)} = ${utc(date)}`
}

// toWall is a moment as a datetime-local field takes it: 2026-05-01T02:00, in a zone.
export function toWall(seconds, zone) {
  const p = parts(new Date(seconds * 1000), zone)
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`
}

// fromWall is the moment, in Unix seconds, at which a zone's clocks show 2026-05-01T02:00; null for what is no time.
// Of two such moments it is the first; a time that is skipped in spring is read as the clock before the change goes.
export function fromWall(text, zone) {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text)
  if (!m) return null
  const wall = Date.UTC(m[1], m[2] - 1, m[3], m[4], m[5])
  const before = offset(new Date(wall - 86400000), zone)
  const after = offset(new Date(wall + 86400000), zone)
  for (const minutes of [before, after]) {
    const at = wall - minutes * 60000
    if (offset(new Date(at), zone) === minutes) return at / 1000
  }
  return (wall - before * 60000) / 1000
}

// utc is a moment as engineers write it: 2026-05-01 02:00 UTC.
export function utc(date) {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
