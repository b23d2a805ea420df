// Where a link leads: to a message of this workspace, or out of the demo.

// resolve gives {channel, ts, thread} for a link to a message, {outside: URL} for one that a browser can open, and
// null for anything else, which then stays text.
export function resolve(address) {
  let url
  try {
    url = new URL(address)
  } catch {
    return null
  }
  const slack = url.hostname === 'slack.com' || url.hostname.endsWith('.slack.com')
  if (slack && url.pathname === '/app_redirect' && url.searchParams.get('channel')) {
    return { channel: url.searchParams.get('channel'), ts: url.searchParams.get('message_ts') || '', thread: '' }
  }
  const m = slack && /^\/archives\/([CDG][A-Z0-9]+)(?:\/p(\d+)(\d{6}))?$/.exec(url.pathname)
  if (m) return { channel: m[1], ts: m[2] ? `${m[2]}.${m[3]}` : '', thread: url.searchParams.get('thread_ts') || '' }
  return /^(https?|mailto):$/.test(url.protocol) ? { outside: url.href } : null
}
