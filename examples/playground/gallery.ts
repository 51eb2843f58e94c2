/**
 * The photographs as a row of buttons of which one is chosen.
 *
 * @module
 */
/// <reference lib="dom" />
import { type Photograph, PHOTOGRAPHS } from "../shared/photographs.ts";
import { byId, element } from "./page_parts.ts";

/** Shows the photographs. */
export function fillGallery(): void {
  byId("photographs").append(...PHOTOGRAPHS.map(({ name, title }) => {
    const radio = Object.assign(element("input"), {
      type: "radio",
      name: "photograph",
      value: name,
    });
    const picture = Object.assign(element("img"), {
      src: addressOf(name),
      alt: title,
      width: 80,
      height: 60,
    });
    const label = Object.assign(element("label"), { title });
    label.append(radio, picture);
    return label;
  }));
}

/** Marks a photograph as chosen, or none of them. */
export function choose(name: string | undefined): void {
  for (const radio of byId("photographs").querySelectorAll("input")) {
    radio.checked = radio.value === name;
  }
}

/** Loads a photograph. */
export async function load({ name, title }: Photograph): Promise<Blob> {
  try {
    const response = await fetch(addressOf(name));
    if (!response.ok) throw new Error(`the server returned ${response.status}`);
    return await response.blob();
  } catch (error) {
    throw new Error(`Cannot load the photograph "${title}": ${(error as Error).message}`);
  }
}

function addressOf(name: string): string {
  return `photographs/${name}.png`;
}
