/** The same question in three languages, to be copied: each is a whole program. */

export interface Snippet {
  language: string;
  code: string;
}

export function snippets(address: string, key: string, model: string): Snippet[] {
  // A model's name is the operator's: it may have whatever characters.
  const name = JSON.stringify(model);
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] }).replaceAll(
    "'",
    String.raw`\u0027`,
  );
  return [
    {
      language: "curl",
      code: `curl ${address}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '${body}'`,
    },
    {
      language: "Python",
      code: `from openai import OpenAI

client = OpenAI(base_url="${address}", api_key="${key}")
answer = client.chat.completions.create(
    model=${name},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      language: "JavaScript",
      code: `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${address}", apiKey: "${key}" });
const answer = await client.chat.completions.create({
  model: ${name},
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(answer.choices[0].message.content);`,
    },
  ];
}
