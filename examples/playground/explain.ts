/**
 * What is computed, in words.
 *
 * @module
 */
import { isGdn, type Settings } from "./settings.ts";

/** What the tensor is, what the op does with it, and what is drawn. */
export function explanationOf(settings: Settings): string {
  return `${inputOf(settings)} ${opOf(settings)} ${drawnOf(settings)}`;
}

function inputOf({ op, channels, tiles, dataFormat }: Settings): string {
  if (isGdn(op)) {
    const what = channels === "rgb" ? "in red, green and blue, each a sample" : "in luminance";
    return `The channels are the 25 contrasts of every point's 5 × 5 neighbourhood ${what} (${dataFormat}).`;
  }
  const samples = tiles === 1
    ? "the picture is one sample"
    : `${tiles} × ${tiles} tiles are samples`;
  const what = channels === "rgb" ? "Red, green and blue are" : "The luminance is";
  return `${what} the channel${channels === "rgb" ? "s" : ""} and ${samples} (${dataFormat}).`;
}

function opOf({ op, channels, dataFormat, groups, back }: Settings): string {
  switch (op) {
    case "gdn":
      return back
        ? "GDN divides each by a Gaussian pool of them, and IGDN, one step towards the inverse, multiplies it back."
        : "GDN divides each by a Gaussian pool of them, so that faint texture stands out like strong edges.";
    case "igdn":
      return "IGDN multiplies each by a Gaussian pool of them, so that strong edges drown faint texture.";
    case "groupNorm":
      return groups === 1
        ? "Group norm takes the mean away from all channels of each sample together, and divides by their deviation."
        : `Group norm takes the mean away from each of ${groups} groups of every sample's channels, and divides by its deviation.`;
    case "instanceNorm":
      return "Instance norm takes the mean away from each channel of each sample, and divides by the deviation.";
    case "layerNorm":
      if (dataFormat === "NHWC" && channels === "luminance") {
        return "Layer norm's last axis is the channels: as there is but one, each point is its own mean, and nothing is left.";
      }
      return dataFormat === "NHWC"
        ? "Layer norm's last axis is the channels: each point loses its mean over them, and is divided by their deviation."
        : "Layer norm's last axis is the width: each row of each channel loses its mean, and is divided by its deviation.";
    case "batchNorm":
      return "Batch norm takes the mean over all samples away from each channel, and divides by the deviation.";
  }
}

function drawnOf({ op }: Settings): string {
  const what = isGdn(op) ? "the contrast in the centre of each neighbourhood" : "the result";
  return `The picture shows ${what}: grey is 0, black and white are two root mean squares away.`;
}
