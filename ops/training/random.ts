/**
 * The numbers behind the random initializers: the same for one seed on every engine.
 *
 * @module
 */

/**
 * Uniform numbers in [0, 1) of 53 bits by xoshiro128**, seeded by splitmix32.
 *
 * Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021, for the
 * generator; Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014, for the
 * seeding.
 */
export function uniform(seed: number): () => number {
  const state = new Uint32Array(4);
  let mix = seed >>> 0;
  // The upper half of large seeds counts as well.
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  for (let i = 0; i < 4; i++) {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix ^ (i % 2 === 1 ? high : 0);
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    state[i] = z ^ (z >>> 16);
  }
  const next = () => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  };
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** Normal numbers of mean 0 and deviation 1 by the transform of Box and Muller, 1958. */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // 1 - u is in (0, 1]: its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
