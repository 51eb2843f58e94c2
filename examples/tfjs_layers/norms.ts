/**
 * Group and instance normalization as layers of TensorFlow.js, after those of Keras and of TensorFlow
 * Addons.
 *
 * @module
 */
import type { NormParams, Runtime, Tensor } from "../../mod.ts";
import { channelsAlong, checkType, onlyShape, onlyTensor } from "./arguments.ts";
import { type BoundOp, differentiable } from "./differentiable.ts";
import { type Given, partOf, savedPart } from "./parts.ts";
import type {
  CallArgs,
  Config,
  Constraint,
  Initializer,
  LayerArgs,
  LayerClass,
  Regularizer,
  Shape,
  Tf,
  TfTensor,
  Weight,
} from "./tensorflow.ts";

/** What an instance normalization is made from; names and defaults are those of Keras. */
export interface NormArgs extends LayerArgs {
  /** The axis of the channels; may be negative, but not the batch axis 0. @default {-1} */
  readonly axis?: number;
  /** Added to the variance; finite and `>= 0`. @default {1e-3} */
  readonly epsilon?: number;
  /** Whether to add beta, one number for each channel. @default {true} */
  readonly center?: boolean;
  /** Whether to multiply by gamma, one number for each channel. @default {true} */
  readonly scale?: boolean;
  /** @default {"zeros"} */
  readonly betaInitializer?: Given<Initializer>;
  /** @default {"ones"} */
  readonly gammaInitializer?: Given<Initializer>;
  readonly betaRegularizer?: Given<Regularizer>;
  readonly gammaRegularizer?: Given<Regularizer>;
  readonly betaConstraint?: Given<Constraint>;
  readonly gammaConstraint?: Given<Constraint>;
}

/** What a group normalization is made from. */
export interface GroupNormArgs extends NormArgs {
  /** How many groups the channels form; must divide them. -1: one for each. @default {32} */
  readonly groups?: number;
}

/** Which of the layers a class is. */
export interface NormKind {
  /** The name under which it is saved, which may begin with a package's and ">". */
  readonly className: string;
  /** Whether every channel is a group of its own, whatever `groups` says. */
  readonly instance?: boolean;
  /** Whether the layer's original weighs its statistics by a mask: that is refused. */
  readonly weighs?: boolean;
}

/**
 * The class of a norm's layers.
 *
 * @param tf The library.
 * @param runtime Where to compute.
 * @param kind Which norm.
 * @returns The class, not yet registered.
 */
export function normClass(
  tf: Tf,
  runtime: Runtime,
  { className, ...kind }: NormKind,
): LayerClass<GroupNormArgs> {
  const title = className.replace(/^.*>/, "");
  const action = `make a ${title}`;
  const stem = kind.instance ? "instance_normalization" : "group_normalization";
  let count = 0;

  return class extends tf.layers.Layer {
    static readonly className = className;
    readonly #settings: Settings;
    readonly #parts: Parts;
    #weights: readonly Weight[] = [];
    #op: BoundOp | undefined;

    constructor(args: GroupNormArgs = {}) {
      // By itself the library makes a name from the class's, and then refuses the ">" in it.
      super({ ...args, name: args.name ?? `${stem}_${title}${++count}` });
      checkType(action, args.dtype);
      this.#settings = settingsOf(action, kind.instance ? { ...args, groups: -1 } : args);
      this.#parts = partsOf(tf, args);
      this.supportsMasking = true;
    }

    override build(inputShape: Shape | Shape[]): void {
      const shape = onlyShape(`build ${this.name}`, inputShape);
      const { axis, channels, groups } = groupsOf(`build ${this.name}`, shape, this.#settings);
      const { epsilon, scale, center } = this.#settings;
      this.inputSpec = [new tf.InputSpec({ ndim: shape.length, axes: { [axis]: channels } })];
      const names = [...(scale ? ["gamma"] as const : []), ...(center ? ["beta"] as const : [])];
      this.#weights = names.map((name) =>
        this.addWeight(
          name,
          [channels],
          "float32",
          this.#parts[`${name}Initializer`],
          this.#parts[`${name}Regularizer`],
          true,
          this.#parts[`${name}Constraint`],
        )
      );
      const options = { groups, channelsAxis: axis, epsilon };
      this.#op = differentiable<NormParams<Tensor>>(
        tf,
        runtime,
        names,
        (ops, x, params) => ops.groupNorm(x, params, options),
      );
      this.built = true;
    }

    override call(inputs: TfTensor | TfTensor[], kwargs: CallArgs): TfTensor {
      const x = onlyTensor(`call ${this.name}`, inputs);
      if (kind.weighs && kwargs?.mask) {
        throw new TypeError(
          `Cannot call ${this.name}: inputs must have no mask, as statistics are not weighted, got one`,
        );
      }
      return tf.tidy(() => this.#op!(x, ...this.#weights.map((weight) => weight.read())));
    }

    override getConfig(): Config {
      const parts = Object.entries(this.#parts).map(([name, part]) => [name, savedPart(part)]);
      return { ...super.getConfig(), ...this.#settings, ...Object.fromEntries(parts) };
    }
  };
}

/** What of a layer is numbers and flags. */
type Settings = Readonly<
  Required<Pick<GroupNormArgs, "axis" | "groups" | "epsilon" | "center" | "scale">>
>;

function settingsOf(
  action: string,
  { axis = -1, groups = 32, epsilon = 1e-3, center = true, scale = true }: GroupNormArgs,
): Settings {
  if (!Number.isInteger(axis)) {
    throw new TypeError(`Cannot ${action}: axis must be an integer, got ${JSON.stringify(axis)}`);
  }
  if (axis === 0) {
    throw new RangeError(`Cannot ${action}: axis must not be the batch axis, got 0`);
  }
  if (!(Number.isInteger(groups) && (groups >= 1 || groups === -1))) {
    throw new RangeError(`Cannot ${action}: groups must be an integer >= 1, or -1, got ${groups}`);
  }
  if (!(epsilon >= 0 && epsilon < Infinity)) {
    throw new RangeError(`Cannot ${action}: epsilon must be finite and >= 0, got ${epsilon}`);
  }
  return { axis, groups, epsilon, center, scale };
}

/** What of a layer makes, judges and bounds its weights. */
type Parts = ReturnType<typeof partsOf>;

function partsOf(tf: Tf, args: NormArgs) {
  return {
    betaInitializer: partOf(tf, "betaInitializer", args.betaInitializer ?? "zeros"),
    gammaInitializer: partOf(tf, "gammaInitializer", args.gammaInitializer ?? "ones"),
    betaRegularizer: partOf(tf, "betaRegularizer", args.betaRegularizer),
    gammaRegularizer: partOf(tf, "gammaRegularizer", args.gammaRegularizer),
    betaConstraint: partOf(tf, "betaConstraint", args.betaConstraint),
    gammaConstraint: partOf(tf, "gammaConstraint", args.gammaConstraint),
  };
}

/** The axis from 0, its channels, and their groups. */
function groupsOf(action: string, shape: Shape, { axis, groups }: Settings) {
  const rank = shape.length;
  const own = axis < 0 ? axis + rank : axis;
  if (!(own >= 1 && own < rank)) {
    throw new RangeError(
      `Cannot ${action}: axis must be one of the input's other than the batch axis, got ${axis} of ${rank} axes`,
    );
  }
  const channels = channelsAlong(action, shape, own);
  if (groups !== -1 && channels % groups !== 0) {
    throw new RangeError(
      `Cannot ${action}: groups must divide the channels, got ${groups} for ${channels} channels`,
    );
  }
  return { axis: own, channels, groups };
}
