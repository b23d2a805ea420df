// What each person has seen: up to which message of a channel, and of each thread in it.

// newReads keeps it for this tab. who() names the person and their world.
export function newReads(who) {
  const known = new Map()
  const key = (place) => `read ${who()}|${place}`
  const upTo = (place) => {
    if (!known.has(key(place))) known.set(key(place), sessionStorage.getItem(key(place)) || '')
    return known.get(key(place))
  }
  return {
    // upTo is the ts of the newest message seen of a place: a channel, or channel/ts of a thread.
    upTo,
    // keep notes the newest one, and tells whether it is news.
    keep(place, ts) {
      if (upTo(place) === ts) return false
      known.set(key(place), ts)
      sessionStorage.setItem(key(place), ts)
      return true
    },
  }
}
