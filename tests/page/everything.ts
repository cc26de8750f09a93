/** An answer with all that markdown has: headings, a table, lists, coloured code, formulas; 3,600 characters. */
export const EVERYTHING = `# How a message travels

A message goes through **four rooms** and comes back as a stream. Each of them does one thing, and *nothing* waits for a store twice; see [the map](https://example.com/map) for more.

| Room | What it does | Time | Waits for |
|---|---|---:|:---:|
| router | finds the handler by path and method | 0.1 ms | nothing |
| handler | reads who asks, and what for | 0.2 ms | the body, which is small |
| use case | admits, opens the turn, asks the model | 40 ms | one round trip to the stores |
| client | turns a call into bytes and back again | 0.3 ms | the network |
| recorder | keeps a copy beside the reader's | 0.1 ms | nobody |

## The steps in order

1. The **browser** sends the text, and keeps it until it was taken.
2. The function reads the token; nothing is asked on the network for that.
   - a token that has ended is renewed
   - a token that is forged is refused
3. Both stores are asked *at once*.
4. The model answers, and the first byte goes out to the reader.

\`\`\`rust
/// Splits upstream's body: one half for the reader, one for the recorder.
async fn relay(body: Body, reader: Sender) -> Result<Tape, Broken> {
    let mut tape = Tape::new();
    while let Some(chunk) = body.next().await {
        tape.push(&chunk?);
        if reader.send(chunk).await.is_err() {
            return Ok(tape.ended(Left));
        }
    }
    Ok(tape.ended(Complete))
}
\`\`\`

The delay a visitor sees is \\(t = t_{model} + \\max(t_{redis}, t_{postgres})\\), so two stores cost as much as the slower one:

$$
t_{first} = t_{model} + \\frac{1}{n} \\sum_{i=1}^{n} \\max(r_i, p_i)
$$

> A budget that is not measured is a wish. This one is measured in every run.

- [x] the first byte waits for one round trip
- [x] a reader who leaves ends the answer
- [ ] everything else can wait

${"The rest is prose, because most answers are: sentences of a usual length with a word of `code` in them now and then. ".repeat(12)}
`;
