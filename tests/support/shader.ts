/**
 * What a shader computes, without an executor.
 *
 * @module
 */
import type { Shader } from "../../ops/runtime/webgpu/compiler/shader.ts";

/** Flags of `GPUBufferUsage`. */
const MAP_READ = 0x1;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const UNIFORM = 0x40;
const STORAGE = 0x80;

/** Opens a device that has nothing beyond what WebGPU promises. */
export async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error("Cannot open a device: no adapter was found");
  return await adapter.requestDevice();
}

/**
 * Runs a shader.
 *
 * @param values What the values of the program hold, by their numbers.
 * @param scalars Likewise the scalars.
 * @param length Numbers in the result, which are NaN unless the shader writes them.
 */
export async function computed(
  device: GPUDevice,
  { text, reads, scalars: names, groups }: Shader,
  values: readonly Float32Array<ArrayBuffer>[],
  scalars: readonly number[],
  length: number,
): Promise<Float32Array> {
  const buffers: GPUBuffer[] = [];
  const bufferOf = (data: Float32Array<ArrayBuffer>, usage: number) => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: usage | COPY_DST });
    device.queue.writeBuffer(buffer, 0, data);
    buffers.push(buffer);
    return buffer;
  };
  device.pushErrorScope("validation");
  const result = bufferOf(new Float32Array(length).fill(NaN), STORAGE | COPY_SRC);
  const uniform = new Float32Array(Math.ceil(names.length / 4) * 4);
  names.forEach((name, i) => uniform[i] = scalars[name]);
  const bound = [
    ...reads.map((value) => bufferOf(values[value], STORAGE)),
    result,
    ...(names.length === 0 ? [] : [bufferOf(uniform, UNIFORM)]),
  ];
  const module = device.createShaderModule({ code: text });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const staging = device.createBuffer({ size: 4 * length, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...groups);
  pass.end();
  encoder.copyBufferToBuffer(result, 0, staging, 0, 4 * length);
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`${error.message}\n${text}`);
  await staging.mapAsync(MAP_READ);
  const data = new Float32Array(staging.getMappedRange()).slice();
  [...buffers, staging].forEach((buffer) => buffer.destroy());
  return data;
}
