// Another server on the same stores, with other variables: DEV_COMMAND (tests/README.md) starts one.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export async function serve(variables) {
  const command = process.env.DEV_COMMAND
  if (!command) throw new Error('DEV_COMMAND is not set: cargo xtask test sets it')
  // A group of its own, so that what it starts ends with it.
  const shell = spawn('sh', ['-c', command], { env: { ...process.env, ...variables }, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const ended = once(shell, 'exit')
  const lines = createInterface(shell.stdout)
  const ready = new Promise((resolve) => {
    // It is read on: a log that is not read stops its writer.
    lines.on('line', (line) => {
      const [, address] = /^ready (http:\S+)/.exec(line) ?? []
      if (address) resolve(address)
    })
  })
  const address = await Promise.race([ready, ended.then(() => null)])
  if (address === null) throw new Error('DEV_COMMAND ended before it was ready: its words are above')
  const stop = async () => {
    if (shell.exitCode === null && shell.signalCode === null) process.kill(-shell.pid, 'SIGTERM')
    await ended
  }
  return { address, stop }
}
