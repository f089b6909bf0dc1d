/** What a row of the audience index holds: ascending seqs as distances from the last of them. */
export function packSeqs(seqs: readonly number[]): { last: number; distances: Uint8Array } {
  const last = seqs.at(-1) ?? 0;
  return { last, distances: new Uint8Array(Uint32Array.from(seqs, (seq) => last - seq).buffer) };
}

/** The first `limit` seqs of a packed row after `after`. */
export function unpackSeqs(last: number, distances: Uint8Array, after: number, limit: number): number[] {
  // A copy: the bytes may stand where 32-bit numbers cannot be read.
  const packed = new Uint32Array(distances.slice().buffer);
  let first = 0;
  for (let end = packed.length; first < end;) {
    const middle = (first + end) >>> 1;
    if (last - (packed[middle] ?? 0) > after) end = middle;
    else first = middle + 1;
  }
  return Array.from(packed.subarray(first, first + limit), (distance) => last - distance);
}
