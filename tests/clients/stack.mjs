// Where the stack under test is, from the environment: STACK_URL, STACK_DATABASE_URL, STACK_REDIS_TOKEN, STACK_MODEL_KEY.

function required(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: start the stack and set it from its ready line, see stack/README.md`)
  return value
}

export const url = required('STACK_URL')
export const databaseUrl = required('STACK_DATABASE_URL')
export const redisToken = required('STACK_REDIS_TOKEN')
export const modelKey = required('STACK_MODEL_KEY')

/** A name that no other test and no earlier run has used. */
export const unique = (word) => `${word}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`
