/**
 * The way from a picture to its code, and the way back: strided and transposed convolutions of
 * TensorFlow.js with GDN and IGDN between them.
 *
 * @module
 */
import type { Tensor } from "../../mod.ts";
import type { Tf } from "../tfjs_layers/tensorflow.ts";
import { gdnStep, type Step } from "./gdn.ts";
import type { Place } from "./place.ts";
import type { Convolution, Half } from "./weights.ts";

/** Rows and columns from one place of a kernel to the next. */
const STRIDE = 2;
/** Zeros before the first row and column, where TensorFlow's "same" has one less than PyTorch. */
const PADDING = 2;

/** One of the two ways. */
export function transform(place: Place, { convolutions, gdns }: Half, inverse: boolean): Step {
  const steps = convolutions.flatMap((convolution, i) => [
    convolutionStep(place, convolution, inverse),
    ...gdns.slice(i, i + 1).map((variables) => gdnStep(place, variables, inverse)),
  ]);
  return {
    async run(x) {
      let h = x;
      for (const step of steps) {
        try {
          const next = await step.run(h);
          if (h !== x) h.dispose();
          h = next;
        } catch (error) {
          if (h !== x) h.dispose();
          throw error;
        }
      }
      return h;
    },
    dispose: () => steps.forEach((step) => step.dispose()),
  };
}

function convolutionStep({ tf }: Place, { kernel, bias }: Convolution, inverse: boolean): Step {
  const given = ({ data, shape }: Tensor) => tf.tensor(data, [...shape], "float32");
  // Both of PyTorch's orders become TensorFlow's by this: [rows, columns, in, out], or [..., out, in].
  const own = tf.tidy(() => tf.transpose<Tensor4D>(given(kernel) as Tensor4D, [2, 3, 1, 0]));
  const shift = given(bias);
  const convolve = (x: Tensor4D) => {
    if (!inverse) return tf.conv2d(x, own, STRIDE, PADDING, "NHWC", 1, "floor");
    const [samples, rows, columns] = x.shape;
    const shape = [samples, STRIDE * rows, STRIDE * columns, bias.data.length] as const;
    return tf.conv2dTranspose(x, own, [...shape], STRIDE, PADDING, "floor");
  };
  return {
    run: (x) => tf.tidy(() => tf.add(convolve(x as Tensor4D), shift)),
    dispose: () => tf.dispose([own, shift]),
  };
}

type Tensor4D = ReturnType<Tf["tensor4d"]>;
