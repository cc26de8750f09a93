// What the page of another origin does: its own server tells it the calls, one a line of an event stream, and is told what comes of each.

import { carryOut } from './adapters.mjs'

const leaving = new Map()
const tell = (told) => fetch('/told', { method: 'POST', body: JSON.stringify(told) })

new EventSource('/calls').onmessage = async ({ data }) => {
  const { number, leave, ...call } = JSON.parse(data)
  if (leave) return leaving.get(number).abort()
  leaving.set(number, new AbortController())
  let told
  const heard = () => (told ??= tell({ number }))
  const ended = await carryOut(call, heard, leaving.get(number).signal)
  await told
  await tell({ number, ended })
}
