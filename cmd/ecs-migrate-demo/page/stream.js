// The one stream of news. A browser gives a host six connections: everything comes over this one.

// follow hands out the stream's events by name, and "lost" when the connection breaks; the browser opens it again.
export function follow(handlers) {
  const source = new EventSource('/world/stream')
  for (const name of ['hello', 'world', 'slack', 'cloud', 'traffic']) {
    source.addEventListener(name, (e) => handlers[name](JSON.parse(e.data)))
  }
  source.addEventListener('error', () => handlers.lost())
}
