/**
 * Buffers that somebody else has made.
 *
 * @module
 */
import { shown } from "../../tensor/shown.ts";
import type { WebGpuBuffer } from "../host/webgpu.ts";
import { USAGE } from "./buffers.ts";
import { GpuData } from "./data.ts";
import type { DeviceSession } from "./device.ts";

const BYTES = 4;

/** `GPUBufferUsage.STORAGE`. */
const STORAGE = 0x80;

/** A shader that does nothing but read. */
const PROBE = `@group(0) @binding(0) var<storage, read> given: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(1)
fn main() {
  result[0] = given[0];
}
`;

/**
 * Numbers in a buffer that stays its maker's.
 *
 * @throws {TypeError} If it is none that a shader can read.
 * @throws {RangeError} If it is too small.
 */
export function wrapped(session: DeviceSession, buffer: object, length: number): GpuData {
  const { size, usage, destroy } = (buffer ?? {}) as Partial<WebGpuBuffer>;
  if (
    typeof size !== "number" || typeof usage !== "number" || typeof destroy !== "function"
  ) {
    throw new TypeError(
      `Cannot wrap a GPU buffer: buffer must be a GPUBuffer, got ${shown(buffer)}`,
    );
  }
  if ((usage & STORAGE) === 0) {
    throw new TypeError(
      `Cannot wrap a GPU buffer: buffer must have the usage STORAGE, got 0x${usage.toString(16)}`,
    );
  }
  if (!(size >= length * BYTES)) {
    throw new RangeError(
      `Cannot wrap a GPU buffer: buffer must have at least ${
        length * BYTES
      } bytes for the shape, got ${size}`,
    );
  }
  return new GpuData(session, session.buffers.foreign(buffer as WebGpuBuffer), length, {
    foreign: true,
  });
}

/** Why a device refuses to read such a buffer, if it does: it is another device's, or destroyed. */
export async function refusalOf({ session, held }: GpuData): Promise<string | undefined> {
  const { device, pipelines, buffers } = session;
  const result = buffers.take(BYTES, USAGE.values, "a probe");
  try {
    await session.checked(() => {
      const pipeline = pipelines.take(PROBE);
      const resources = [held, result].map(({ buffer }) => ({ buffer }));
      const bindings = device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: resources.map((resource, binding) => ({ binding, resource })),
      });
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(1, 1);
      pass.end();
      device.queue.submit([encoder.finish()]);
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    pipelines.give(PROBE);
    buffers.end(result);
  }
}
