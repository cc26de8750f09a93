/**
 * The search for a proof of work: SHA-256 (FIPS 180-4) of our own, because one call of WebCrypto for each try takes longer than the hash.
 * A phone does some 100,000 of them a second.
 */

/** 32-bit words, read and written the most significant byte first, as SHA-256 has them. */
const words = (count: number) => new DataView(new ArrayBuffer(4 * count));

/** The first bits of the fractional parts of square and cube roots of the first primes: where a hash starts, and what each round adds. */
const START = words(8);
const ADDED = words(64);
for (let candidate = 2, at = 0; at < 256; candidate += 1) {
  let divisor = 2;
  while (candidate % divisor > 0) divisor += 1;
  if (divisor < candidate) continue;
  if (at < 32) START.setUint32(at, (Math.sqrt(candidate) % 1) * 2 ** 32);
  ADDED.setUint32(at, (Math.cbrt(candidate) % 1) * 2 ** 32);
  at += 4;
}

/** A block, and what is made of it for the later rounds. */
const schedule = words(64);
const block = new Uint8Array(schedule.buffer, 0, 64);

const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by));

/** Mixes the block into the hash `from`; the result is in `to`, which may be the same. */
function mix(from: DataView, to: DataView): void {
  for (let at = 64; at < 256; at += 4) {
    const [early, late] = [schedule.getInt32(at - 60), schedule.getInt32(at - 8)];
    const first = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const second = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule.setInt32(at, schedule.getInt32(at - 64) + first + schedule.getInt32(at - 28) + second);
  }
  let a = from.getInt32(0);
  let b = from.getInt32(4);
  let c = from.getInt32(8);
  let d = from.getInt32(12);
  let e = from.getInt32(16);
  let f = from.getInt32(20);
  let g = from.getInt32(24);
  let h = from.getInt32(28);
  for (let at = 0; at < 256; at += 4) {
    const sum = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const next = (h + sum + ((e & f) ^ (~e & g)) + ADDED.getInt32(at) + schedule.getInt32(at)) | 0;
    const other = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + next) | 0;
    d = c;
    c = b;
    b = a;
    a = (next + other) | 0;
  }
  to.setInt32(0, from.getInt32(0) + a);
  to.setInt32(4, from.getInt32(4) + b);
  to.setInt32(8, from.getInt32(8) + c);
  to.setInt32(12, from.getInt32(12) + d);
  to.setInt32(16, from.getInt32(16) + e);
  to.setInt32(20, from.getInt32(20) + f);
  to.setInt32(24, from.getInt32(24) + g);
  to.setInt32(28, from.getInt32(28) + h);
}

/** The least whole number for which the SHA-256 of `<challenge>.<number>` begins with `bits` zero bits, 32 at most. */
export function solve(challenge: string, bits: number): number {
  const before = new TextEncoder().encode(`${challenge}.`);
  const whole = before.length - (before.length % 64);
  // The blocks that the number does not reach are the same for every number.
  const state = words(8);
  new Uint8Array(state.buffer).set(new Uint8Array(START.buffer));
  for (let at = 0; at < whole; at += 64) {
    block.set(before.subarray(at, at + 64));
    mix(state, state);
  }
  const hash = words(8);
  const start = before.length - whole;
  for (let number = 0, digits = 1; ; digits += 1) {
    // What is left of the text, a one bit, zeros, and the number of all bits at the end of a block.
    const end = start + digits;
    const tail = new Uint8Array(end < 56 ? 64 : 128);
    tail.set(before.subarray(whole));
    tail[end] = 0x80;
    new DataView(tail.buffer).setUint32(tail.length - 4, (whole + end) * 8);
    const [first, second] = [tail.subarray(0, 64), tail.subarray(64)];
    for (; number < 10 ** digits; number += 1) {
      for (let at = end - 1, rest = number; at >= start; at -= 1, rest = Math.floor(rest / 10))
        tail[at] = 48 + (rest % 10);
      block.set(first);
      mix(state, hash);
      if (second.length > 0) {
        block.set(second);
        mix(hash, hash);
      }
      if (Math.clz32(hash.getInt32(0)) >= bits) return number;
    }
  }
}
