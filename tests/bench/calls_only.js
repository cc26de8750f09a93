// What the runtime takes for a message, whoever asks it for it: five calls of the stores, the model's, its stream split natively and the copy read. No answer
// is parsed, and nothing is stored.

/** How often the copy is read, in milliseconds, and how much of it at once: shared/runtime-workers/src/tape.rs. */
const EVERY = 200;
const BUFFERS = [4096, 65536];

async function post(url, headers, body) {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.arrayBuffer();
}

const sql = (env) => post(env.DATABASE_HTTP_URL, { "neon-connection-string": env.DATABASE_URL }, '{"query":"select 1","params":[]}');
const redis = (env, words) =>
  post(env.UPSTASH_REDIS_REST_URL, { authorization: `Bearer ${env.UPSTASH_REDIS_REST_TOKEN}` }, JSON.stringify(words));

async function record(copy, piped) {
  const reader = copy.getReader({ mode: "byob" });
  const all = [];
  let size = BUFFERS[0];
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(size));
    if (done) return all;
    all.push(value);
    if (value.byteLength === size) size = BUFFERS[1];
    else await Promise.race([piped, scheduler.wait(EVERY)]);
  }
}

async function end(env, copy, piped, way) {
  const text = await new Blob(await record(copy, piped)).text();
  await Promise.all([sql(env), redis(env, ["ECHO", text.slice(0, 500_000)]), piped]);
  await way.writable.close();
}

export default {
  async fetch(request, env, context) {
    if (request.method === "GET") return new Response("ok");
    const body = await request.text();
    await Promise.all([redis(env, ["PING"]), sql(env)]);
    const headers = { authorization: `Bearer ${env.KEY}`, "content-type": "application/json" };
    const [answer] = await Promise.all([fetch(env.MODEL, { method: "POST", headers, body }), sql(env)]);
    const [first, copy] = answer.body.tee();
    const way = new IdentityTransformStream();
    const piped = first.pipeTo(way.writable, { preventClose: true });
    // Without its end the reader sees what has failed.
    context.waitUntil(end(env, copy, piped, way).catch((error) => way.writable.abort(error)));
    return new Response(way.readable, { headers: { "content-type": "text/event-stream" } });
  },
};
