import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { groupNorm, groupNormFromKeras, layerNorm, layerNormFromKeras, tensor } from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { assertRejected } from "../support/reject.ts";
import { runtime } from "../support/refusals.ts";

/** Both sides round numbers of up to 6 to float32, 4.8e-7, a few times. */
const GOLDEN = 2e-6;

/** Two samples, two positions and four channels. */
const x = tensor([1, -2, 3, 0.5, 4, 2, -1, 7, 0, 1, 2.5, -3, 6, -4, 1.5, 0.25], [2, 2, 4]);
const four = { gamma: [1.5, -0.5, 2, 0.25], beta: [0.25, 2, -1, 0.5] };
const two = { gamma: [1.5, -0.5], beta: [0.25, 2] };
const matrices = {
  gamma: tensor([[1.5, -0.5, 2, 0.25], [1, 0.5, -1, 3]]),
  beta: tensor([[0.25, 2, -1, 0.5], [0, 1, 0.5, -2]]),
};

/** What Keras 3.15.1 computes on NumPy. */
const KERAS = {
  groups: [
    [0.07681339979171753, 2.7504754066467285, -0.5872781276702881, 0.3452293872833252],
    [2.155052661895752, 1.8268133401870728, -3.228696823120117, 0.8817675709724426],
    [-0.06582564115524292, 1.964908242225647, 1.1112935543060303, 0.10036230087280273],
    [2.4607794284820557, 2.666743040084839, 0.14613080024719238, 0.49245965480804443],
  ].flat(),
  instances: [
    [0.5653413534164429, -1.9573895931243896, 2.247161865234375, 0.14488619565963745],
    [1.8286020755767822, 2.1713976860046387, 2.685590982437134, 1.314408779144287],
    [0.15690948069095612, 0.901633620262146, 2.0187199115753174, -2.0772628784179688],
    [1.2899717092514038, 2.6924965381622314, 1.9211078882217407, 2.096423625946045],
  ].flat(),
  middleAxis: [
    [0.5657883286476135, -1.9605181217193604, 2.249992847442627, 0.14473724365234375],
    [1.828511357307434, 2.1714882850646973, 2.6859538555145264, 1.3140459060668945],
    [0.15680605173110962, 0.9023576974868774, 2.0206851959228516, -2.0798490047454834],
    [1.2897204160690308, 2.692742109298706, 1.9210801124572754, 2.0964579582214355],
  ].flat(),
  lastAxis: [
    [0.5657883286476135, 2.7368392944335938, 1.6666569709777832, 0.4824562072753906],
    [0.7644654512405396, 2.1714882850646973, -3.7438158988952637, 0.842976987361908],
    [0.15680605173110962, 1.7825474739074707, 1.360913634300232, 0.11169186234474182],
    [2.3808388710021973, 2.692742109298706, -0.6843200922012329, 0.4517711400985718],
  ].flat(),
  lastAxes: [
    [-0.2024422287940979, 2.7076661586761475, -0.1183176040649414, 0.3781886100769043],
    [0.8120758533477783, 1.0348032712936401, 1.5440975427627563, 3.7773399353027344],
    [-0.022556006908416748, 1.9198365211486816, 0.3467472791671753, 0.19805067777633667],
    [1.8704824447631836, 0.22508585453033447, 0.1686573624610901, -2.288588762283325],
  ].flat(),
  scaled: [
    [-0.4527231454849243, 0.7081054449081421, 0.8822295665740967, -0.12188700586557388],
    [0.8125799894332886, 0.03482484817504883, 1.044745683670044, 5.78092622756958],
    [-0.27269959449768066, -0.0802057608962059, 1.3474568128585815, -0.30210837721824646],
    [1.8714677095413208, -0.7753223776817322, -0.33151715993881226, -0.28874075412750244],
  ].flat(),
};

/** What both layers' `get_config()` of Keras 3.15.1 say beside their own arguments. */
const initializer = (class_name: string) => ({
  module: "keras.initializers",
  class_name,
  config: {},
  registered_name: null,
});
const common = {
  name: "normalization",
  trainable: true,
  dtype: { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } },
  axis: -1,
  epsilon: 0.001,
  center: true,
  scale: true,
  beta_initializer: initializer("Zeros"),
  gamma_initializer: initializer("Ones"),
  beta_regularizer: null,
  gamma_regularizer: null,
  beta_constraint: null,
  gamma_constraint: null,
};

describe("groupNormFromKeras", () => {
  async function assertRuns(imported: ReturnType<typeof groupNormFromKeras>, expected: number[]) {
    const y = await groupNorm(x, imported.params, { ...imported.options, runtime });
    assertClose(y.data, expected, GOLDEN);
  }

  it("is group norm as in Keras, by the layer's whole configuration", async () => {
    await assertRuns(groupNormFromKeras(four, { ...common, groups: 2 }), KERAS.groups);
  });

  it("has one group per channel with groups -1, and channels on axis 1", async () => {
    const config = { ...common, groups: -1, axis: 1, epsilon: 1e-2 };
    await assertRuns(groupNormFromKeras(two, config), KERAS.instances);
  });

  it("counts axes from the end as Keras does", async () => {
    await assertRuns(groupNormFromKeras(two, { groups: 2, axis: -2 }), KERAS.middleAxis);
  });

  it("has Keras' defaults", () => {
    const weights = { gamma: new Float32Array(32).fill(1), beta: new Float32Array(32) };
    const { params, options } = groupNormFromKeras(weights);
    assertEquals(options, { groups: 32, channelsAxis: -1, epsilon: 1e-3 });
    assertEquals(params, { gamma: tensor(weights.gamma), beta: tensor(weights.beta) });
    params.gamma!.data.fill(NaN);
    assertEquals(weights.gamma[0], 1);
    assertEquals(groupNormFromKeras({}, { center: false, scale: false }).params, {});
    const offset = groupNormFromKeras({ beta: [1, 2] }, { groups: 1, scale: false });
    assertEquals(offset.params, { beta: tensor([1, 2]) });
  });
});

describe("layerNormFromKeras", () => {
  async function assertRuns(imported: ReturnType<typeof layerNormFromKeras>, expected: number[]) {
    const y = await layerNorm(x, imported.params, { ...imported.options, runtime });
    assertClose(y.data, expected, GOLDEN);
  }

  it("is layer norm as in Keras, by the layer's whole configuration", async () => {
    const config = { ...common, rms_scaling: false };
    for (const axis of [-1, [-1], 2, [2]]) {
      await assertRuns(layerNormFromKeras(four, { ...config, axis }), KERAS.lastAxis);
    }
  });

  it("normalises several axes together", async () => {
    const config = { ...common, axis: [1, 2], epsilon: 1e-2 };
    await assertRuns(layerNormFromKeras(matrices, config), KERAS.lastAxes);
  });

  it("takes layers without beta", async () => {
    const { gamma } = matrices;
    const config = { axis: [-2, -1], center: false };
    await assertRuns(layerNormFromKeras({ gamma }, config), KERAS.scaled);
  });

  it("leaves axes that are not the last ones of x to layerNorm to refuse", async () => {
    const { params, options } = layerNormFromKeras(two, { axis: 1 });
    await assertRejected(
      () => layerNorm(x, params, { ...options, runtime }),
      TypeError,
      "Cannot apply layerNorm: axes must be the last axes of x, got [1] for shape (2, 2, 4)",
    );
  });

  it("has Keras' defaults", () => {
    const { params, options } = layerNormFromKeras(four);
    assertEquals(options, { axes: [-1], epsilon: 1e-3 });
    assertEquals(params, { gamma: tensor(four.gamma), beta: tensor(four.beta) });
    const bare = { center: false, scale: false };
    assertEquals(layerNormFromKeras({}, bare).params, {});
    for (const axis of [0, [0, 1]]) {
      assertEquals(layerNormFromKeras({}, { ...bare, axis }).options.axes, [axis].flat());
    }
  });
});
