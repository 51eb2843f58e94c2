import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openCard } from "../../bench/gpu/device.ts";
import { fenceOf } from "../../bench/gpu/fence.ts";
import { copyYardsticks, fmaYardstick } from "../../bench/gpu/yardsticks.ts";
import { skipOf } from "../support/backends.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

async function device() {
  const card = await openCard();
  assert(!("missing" in card));
  return card;
}

describe("yardsticks on the device", () => {
  test(`copy all that they say, with a vector or several for a thread${suffix}`, async () => {
    const card = await device();
    for (const workgroups of [2, 1]) {
      for (const yardstick of copyYardsticks(card, 16 * 300, workgroups)) {
        await yardstick.answer();
        await yardstick.finish();
        yardstick.dispose();
      }
    }
    card.device.destroy();
  });

  test(`multiply and add as often as they say${suffix}`, async () => {
    const card = await device();
    const yardstick = fmaYardstick(card, { threads: 512, steps: 5 });
    await yardstick.answer();
    await yardstick.finish();
    assertEquals(yardstick.work?.unit, "FLOP");
    card.device.destroy();
  });

  test(`are not timed on a device that drops their commands${suffix}`, async () => {
    const { device: own } = await device();
    const fence = fenceOf(own);
    await fence();
    const encoder = own.createCommandEncoder();
    encoder.beginComputePass(); // and does not end it
    own.queue.submit([encoder.finish()]);
    await assertRejects(fence, Error, "the device says: ");
    await fence();
    own.destroy();
  });
});
