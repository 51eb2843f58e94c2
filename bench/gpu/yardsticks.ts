/**
 * What the device can do at best, by two shaders that do nothing else: copying, and fused
 * multiply-adds in registers. They race with the others, so they see the same clocks and neighbours.
 *
 * @module
 */
import type { GpuContender, Work } from "./contender.ts";
import type { Card } from "./device.ts";
import { fenceOf } from "./fence.ts";

const GROUP = 256;
/** Workgroups in one axis of a dispatch, which no device refuses. */
const MOST_GROUPS = 65_535;

/** Each thread copies 16 bytes, then those so many threads further on. */
const COPY = `
@group(0) @binding(0) var<storage, read> given: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> results: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&results); i += groups.x * ${GROUP}u) {
    results[i] = given[i];
  }
}`;

/** Accumulators of a thread: enough for the latency of a multiply-add on every card. */
const ACCUMULATORS = 16;
/** Multiply-adds on each of them for a step of the loop, so that its counter costs nothing. */
const UNROLLED = 8;
/** Where the accumulators go in the end: `v = FACTOR v + TERM` has 1 as its fixed point. */
const FACTOR = 0.999;
const TERM = 0.001;

/** The four vectors start apart, and factor and term are read, so that nothing can be folded. */
const FMA = `
@group(0) @binding(0) var<storage, read> given: vec4f;
@group(0) @binding(1) var<storage, read_write> results: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(given.x);
  let term = vec4f(given.y);
  var a = vec4f(0.25, 0.5, 0.75, 1.0) * f32(id.x % 4u);
  var b = a + 1.0;
  var c = a + 2.0;
  var d = a + 3.0;
  for (var step = 0u; step < u32(given.z); step++) {
${
  "    a = fma(a, factor, term); b = fma(b, factor, term); c = fma(c, factor, term); d = fma(d, factor, term);\n"
    .repeat(UNROLLED)
}  }
  results[id.x] = a + b + c + d;
}`;

/** Both buffers are moved once: read and written. */
export function copyWork(bytes: number): Work {
  return { amount: 2 * bytes, unit: "B" };
}

/** Two operations for each multiply-add. */
export function fmaWork({ threads, steps }: FmaSize): Work {
  return { amount: 2 * threads * steps * UNROLLED * ACCUMULATORS, unit: "FLOP" };
}

/** What a thread of the FMA shader leaves, by the closed form of its recurrence. */
export function fmaResult(thread: number, steps: number): readonly number[] {
  const decay = FACTOR ** (steps * UNROLLED);
  return [0.25, 0.5, 0.75, 1].map((part) => {
    const start = part * (thread % 4);
    const starts = [start, start + 1, start + 2, start + 3];
    return starts.reduce((sum, value) => sum + 1 + decay * (value - 1), 0);
  });
}

/** Rounding at each of up to thousands of steps, each of half a unit of 4 in its last place. */
const FMA_TOLERANCE = 1e-3;

/**
 * The copy, by a shader and by the command for it: which of the two is the faster differs.
 *
 * @param bytes Of each buffer, a multiple of 16.
 * @param most Workgroups of the shader; with fewer than there are vectors for, threads take several.
 */
export function copyYardsticks(card: Card, bytes: number, most = MOST_GROUPS): GpuContender[] {
  const { device } = card;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const make = () => {
    const from = device.createBuffer({ size: bytes, usage });
    const to = device.createBuffer({ size: bytes, usage });
    device.queue.writeBuffer(from, 0, rising(bytes / 4));
    return { from, to };
  };
  const yardstick = (
    name: string,
    { from, to }: ReturnType<typeof make>,
    call: () => void,
  ): GpuContender => ({
    ...base(card, name, copyWork(bytes)),
    call,
    async answer() {
      // What is not written stays 0, and no number of the source is.
      call();
      const given = await readBack(device, to, bytes);
      if (!given.every((value, i) => value === i % PERIOD + 1)) {
        throw new Error(`Cannot time ${name}: the copy must be exact`);
      }
      return undefined;
    },
    dispose: () => [from, to].forEach((buffer) => buffer.destroy()),
  });
  const shader = make();
  const groups = Math.min(most, Math.ceil(bytes / 16 / GROUP));
  const command = make();
  return [
    yardstick("copy by a shader", shader, dispatch(device, COPY, [shader.from, shader.to], groups)),
    yardstick("copy by a command", command, () => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(command.from, 0, command.to, 0, bytes);
      device.queue.submit([encoder.finish()]);
    }),
  ];
}

/** How many multiply-adds. */
export interface FmaSize {
  /** A multiple of the threads of a workgroup. */
  readonly threads: number;
  /** Of the loop of each thread. */
  readonly steps: number;
}

/** The multiply-adds. */
export function fmaYardstick(card: Card, { threads, steps }: FmaSize): GpuContender {
  const { device } = card;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const given = device.createBuffer({ size: 16, usage });
  device.queue.writeBuffer(given, 0, Float32Array.of(FACTOR, TERM, steps, 0));
  const results = device.createBuffer({ size: 16 * threads, usage });
  const call = dispatch(device, FMA, [given, results], threads / GROUP);
  const name = "multiply-adds";
  return {
    ...base(card, name, fmaWork({ threads, steps })),
    call,
    async answer() {
      call();
      const all = await readBack(device, results, 16 * threads);
      const wrong = all.findIndex((value, i) =>
        !(Math.abs(value - fmaResult(i >> 2, steps)[i & 3]) < FMA_TOLERANCE)
      );
      if (wrong >= 0) throw new Error(`Cannot time ${name}: result ${wrong} is ${all[wrong]}`);
      return undefined;
    },
    dispose: () => [given, results].forEach((buffer) => buffer.destroy()),
  };
}

function base({ device, name: adapter }: Card, name: string, work: Work) {
  return {
    name,
    peer: false,
    place: "stays" as const,
    device: adapter,
    work,
    finish: fenceOf(device),
  };
}

/** A call that runs a shader once. */
function dispatch(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  groups: number,
): () => void {
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code }) },
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  return () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}

/** A prime, so that what is copied to a wrong place is seen. */
const PERIOD = 8191;

function rising(length: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; i++) numbers[i] = i % PERIOD + 1;
  return numbers;
}

async function readBack(
  device: GPUDevice,
  buffer: GPUBuffer,
  bytes: number,
): Promise<Float32Array> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size: bytes, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const numbers = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return numbers;
}
