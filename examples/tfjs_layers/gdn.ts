/**
 * GDN and its inverse as a layer of TensorFlow.js, after that of TensorFlow Compression.
 *
 * @module
 */
import type { GdnVariables, Runtime, Tensor } from "../../mod.ts";
import { channelsAlong, checkType, onlyShape, onlyTensor } from "./arguments.ts";
import { type BoundOp, differentiable } from "./differentiable.ts";
import { ACTION, type Bounds, boundsOf, savedParameter, storing } from "./gdn_parameters.ts";
import { type Given, partOf, type Saved, savedPart } from "./parts.ts";
import type {
  Config,
  Initializer,
  LayerArgs,
  LayerClass,
  Shape,
  Tf,
  TfTensor,
  Weight,
} from "./tensorflow.ts";

/** What a GDN is made from; names and defaults are those of TensorFlow Compression. */
export interface GdnArgs extends LayerArgs {
  /** Multiply by the pool instead of dividing: IGDN. @default {false} */
  readonly inverse?: boolean;
  /** Take max(x, 0) for x first. @default {false} */
  readonly rectify?: boolean;
  /** Where the channels are. @default {"channelsLast"} */
  readonly dataFormat?: "channelsLast" | "channelsFirst";
  /** Exponent of the inputs in the pool; 2 for the classic GDN. @default {1} */
  readonly alphaParameter?: number;
  /** Exponent of the pool; 0.5 for the classic GDN. @default {1} */
  readonly epsilonParameter?: number;
  /** How a saved layer bounds beta. @default {a minimum of 1e-6} */
  readonly betaParameter?: Saved | null;
  /** How a saved layer bounds gamma. @default {a minimum of 0} */
  readonly gammaParameter?: Saved | null;
  /** Of beta itself, not of what is stored for it. @default {"ones"} */
  readonly betaInitializer?: Given<Initializer>;
  /** Of gamma itself. @default {0.1 on the diagonal} */
  readonly gammaInitializer?: Given<Initializer>;
}

/**
 * The class of GDN's layers. Their weights are the stored forms `reparam_beta` and `reparam_gamma`,
 * which keep beta and gamma positive while they are trained.
 *
 * @param tf The library.
 * @param runtime Where to compute.
 * @param className The name under which the layers are saved.
 * @returns The class, not yet registered.
 */
export function gdnClass(tf: Tf, runtime: Runtime, className: string): LayerClass<GdnArgs> {
  let count = 0;

  return class extends tf.layers.Layer {
    static readonly className = className;
    readonly #settings: Settings;
    readonly #bounds: Bounds;
    readonly #initializers: Readonly<Record<"beta" | "gamma", Initializer>>;
    #weights: readonly Weight[] = [];
    #op: BoundOp | undefined;

    constructor(args: GdnArgs = {}) {
      // By itself the library makes a name from the class's, and then refuses the ">" in it.
      super({ ...args, name: args.name ?? `gdn_GDN${++count}` });
      checkType(ACTION, args.dtype);
      this.#settings = settingsOf(args);
      this.#bounds = boundsOf(args);
      const diagonal = tf.initializers.identity({ gain: 0.1 });
      this.#initializers = {
        beta: partOf(tf, "betaInitializer", args.betaInitializer ?? "ones")!,
        gamma: partOf(tf, "gammaInitializer", args.gammaInitializer ?? diagonal)!,
      };
    }

    override build(inputShape: Shape | Shape[]): void {
      const shape = onlyShape(`build ${this.name}`, inputShape);
      const { axis, channels } = channelsOf(`build ${this.name}`, shape, this.#settings);
      const bounds = this.#bounds;
      this.inputSpec = [new tf.InputSpec({ ndim: shape.length, axes: { [axis]: channels } })];
      const add = (name: "beta" | "gamma", shape: Shape, minimum: number) =>
        this.addWeight(
          `reparam_${name}`,
          shape,
          "float32",
          storing(tf, this.#initializers[name], minimum, bounds.reparamOffset),
        );
      this.#weights = [
        add("beta", [channels], bounds.betaMin),
        add("gamma", [channels, channels], 0),
      ];
      const options = { ...this.#settings, ...bounds };
      this.#op = differentiable<GdnVariables<Tensor>>(
        tf,
        runtime,
        ["reparamBeta", "reparamGamma"],
        (ops, x, params) => ops.gdn(x, params, options),
      );
      this.built = true;
    }

    override call(inputs: TfTensor | TfTensor[]): TfTensor {
      const x = onlyTensor(`call ${this.name}`, inputs);
      return tf.tidy(() => this.#op!(x, ...this.#weights.map((weight) => weight.read())));
    }

    override getConfig(): Config {
      const { betaMin, reparamOffset } = this.#bounds;
      return {
        ...super.getConfig(),
        ...this.#settings,
        betaParameter: savedParameter("beta", betaMin, reparamOffset, this.#weights[0]),
        gammaParameter: savedParameter("gamma", 0, reparamOffset, this.#weights[1]),
        betaInitializer: savedPart(this.#initializers.beta),
        gammaInitializer: savedPart(this.#initializers.gamma),
      };
    }
  };
}

/** What of a layer is numbers and flags. */
type Settings = Readonly<
  Required<
    Pick<
      GdnArgs,
      "inverse" | "rectify" | "dataFormat" | "alphaParameter" | "epsilonParameter"
    >
  >
>;

function settingsOf(
  {
    inverse = false,
    rectify = false,
    dataFormat = "channelsLast",
    alphaParameter = 1,
    epsilonParameter = 1,
  }: GdnArgs,
): Settings {
  if (dataFormat !== "channelsLast" && dataFormat !== "channelsFirst") {
    throw new TypeError(
      `Cannot ${ACTION}: dataFormat must be channelsLast or channelsFirst, got ${dataFormat}`,
    );
  }
  for (const [name, value] of Object.entries({ alphaParameter, epsilonParameter })) {
    // Where the original trains an exponent, its config has null or a parameter here.
    if (typeof value !== "number") {
      throw new TypeError(
        `Cannot ${ACTION}: ${name} must be a number, as exponents are not trained, got ${
          JSON.stringify(value)
        }`,
      );
    }
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`Cannot ${ACTION}: ${name} must be finite and > 0, got ${value}`);
    }
  }
  return { inverse, rectify, dataFormat, alphaParameter, epsilonParameter };
}

/** The axis of the channels, and how many they are. */
function channelsOf(action: string, shape: Shape, { dataFormat }: Settings) {
  const rank = shape.length;
  if (rank < 2 || rank > 5) {
    throw new TypeError(`Cannot ${action}: the input must have 2 to 5 axes, got ${rank}`);
  }
  const axis = dataFormat === "channelsFirst" ? 1 : rank - 1;
  return { axis, channels: channelsAlong(action, shape, axis) };
}
