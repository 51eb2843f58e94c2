/**
 * A slider beside a field of a number: moving the one sets the other.
 *
 * @module
 */
/// <reference lib="dom" />
import { short } from "./numbers.ts";
import { byId } from "./page_parts.ts";

/** Moves the slider to the field's number, or as near as it goes. An empty field leaves it where it is. */
export function moveSlider(name: string): void {
  const slider = sliderOf(name);
  const { valueAsNumber: value } = byId<HTMLInputElement>(name);
  if (slider === null || Number.isNaN(value)) return;
  const place = isLogarithmic(slider) ? Math.log10(Math.max(value, 0)) : value;
  // A slider takes no infinity: that of 0 is its beginning.
  slider.value = place === -Infinity ? slider.min : String(place);
  tell(slider, value);
}

/** Puts the slider's number into the field. */
export function takeFromSlider(name: string): void {
  const slider = sliderOf(name)!;
  const place = slider.valueAsNumber;
  const value = isLogarithmic(slider) ? Number((10 ** place).toPrecision(2)) : place;
  byId<HTMLInputElement>(name).value = String(value);
  tell(slider, value);
}

function sliderOf(name: string): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>(`#${name}-slider`);
}

function isLogarithmic(slider: HTMLInputElement): boolean {
  return slider.dataset.scale === "logarithmic";
}

/** Says the number itself where the slider's is its logarithm. */
function tell(slider: HTMLInputElement, value: number): void {
  slider.setAttribute("aria-valuetext", short(value));
}
