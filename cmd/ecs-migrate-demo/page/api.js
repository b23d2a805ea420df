// Calls to the page's own server. serving.go says what there is.

// get reads, post does; both throw an Error whose message is a sentence for people.
export function get(path, query = {}) {
  const text = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null)).toString()
  return call(text ? `${path}?${text}` : path)
}

export function post(path, body = {}) {
  return call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
}

async function call(path, options) {
  const response = await fetch(path, options)
  const text = await response.text()
  let answer
  try {
    answer = JSON.parse(text)
  } catch {
    throw new Error(`${response.status} ${response.statusText}`)
  }
  if (!response.ok) throw new Error(answer?.error || `${response.status} ${response.statusText}`)
  return answer
}
