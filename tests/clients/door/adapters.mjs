// The clients, each by the same tasks: for Node and, bundled, for a page of another origin.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, streamText } from 'ai'
import OpenAI7 from 'openai'
import OpenAI6 from 'openai-6'

const said = (words) => [{ role: 'user', content: words }]

const openai = (OpenAI) => ({ base, key, retries, model, fetch }) => {
  const client = new OpenAI({ baseURL: base, apiKey: key, fetch, dangerouslyAllowBrowser: true, ...(retries !== undefined && { maxRetries: retries }) })
  return {
    async models() {
      const models = []
      for await (const one of client.models.list()) models.push(one.id)
      return { models }
    },
    async whole(words) {
      const answer = await client.chat.completions.create({ model, messages: said(words) })
      return { text: answer.choices[0].message.content, usage: answer.usage.total_tokens }
    },
    async stream(words, heard, signal) {
      const told = { text: '' }
      const stream = await client.chat.completions.create({ model, messages: said(words), stream: true, stream_options: { include_usage: true } }, { signal })
      for await (const chunk of stream) {
        told.text += chunk.choices[0]?.delta.content ?? ''
        told.usage = chunk.usage?.total_tokens ?? told.usage
        if (told.text) heard()
      }
      return told
    },
    async responses(words) {
      const { output_text: whole } = await client.responses.create({ model, input: words })
      const told = { text: '' }
      for await (const event of await client.responses.create({ model, input: words, stream: true })) {
        if (event.type === 'response.output_text.delta') told.text += event.delta
        told.usage = event.response?.usage?.total_tokens
      }
      return { ...told, whole }
    },
  }
}

function langchain({ base, key, retries, model, fetch }) {
  const chat = (more) => new ChatOpenAI({ model, apiKey: key, configuration: { baseURL: base, fetch }, ...(retries !== undefined && { maxRetries: retries }), ...more })
  const whole = async (words, more) => {
    const answer = await chat(more).invoke([
      ['system', 'Be brief.'],
      ['human', words],
    ])
    return { text: answer.text, usage: answer.usage_metadata.total_tokens }
  }
  const stream = async (words, heard, signal, more) => {
    let all
    for await (const chunk of await chat(more).stream(words, { signal })) {
      all = all ? all.concat(chunk) : chunk
      if (all.text) heard()
    }
    return { text: all.text, usage: all.usage_metadata.total_tokens }
  }
  return {
    whole,
    stream,
    async responses(words) {
      const more = { useResponsesApi: true }
      const { text } = await whole(words, more)
      return { ...(await stream(words, () => {}, undefined, more)), whole: text }
    },
  }
}

function aiSdk({ base, key, retries: maxRetries, model, fetch }) {
  const edgewise = createOpenAICompatible({ name: 'edgewise', baseURL: base, apiKey: key, fetch, includeUsage: true })
  return {
    async whole(prompt) {
      const { text, usage } = await generateText({ model: edgewise(model), prompt, maxRetries })
      return { text, usage: usage.totalTokens }
    },
    async stream(prompt, heard, abortSignal) {
      const told = { text: '' }
      // It tells an error as a part of the stream, and writes it to the console unless it is taken.
      for await (const part of streamText({ model: edgewise(model), prompt, maxRetries, abortSignal, onError: () => {} }).fullStream) {
        if (part.type === 'error') throw part.error
        if (part.type === 'text-delta') told.text += part.text
        if (part.type === 'finish') told.usage = part.totalUsage.totalTokens
        if (told.text) heard()
      }
      return told
    },
  }
}

const clients = { 'openai 6': openai(OpenAI6), 'openai 7': openai(OpenAI7), LangChain: langchain, 'AI SDK': aiSdk }

/** An error of any of them. The AI SDK gives the last of several, and of one in a stream the words alone. */
function told(error) {
  const last = error?.lastError ?? error
  return { status: last?.status ?? last?.statusCode, code: last?.code ?? last?.data?.error?.code, words: String(last?.message ?? last) }
}

/** Carries a call out: what came of it, and the statuses of all that its client has sent. `heard` is called while its answer arrives. */
export async function carryOut({ client, task, words, ...options }, heard, signal) {
  const statuses = []
  const watched = async (input, init) => {
    const response = await fetch(input, init)
    statuses.push(response.status)
    return response
  }
  try {
    const result = await clients[client]({ ...options, fetch: watched })[task](words, heard, signal)
    return { ...result, statuses }
  } catch (error) {
    return { error: told(error), statuses }
  }
}
