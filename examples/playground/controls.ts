/**
 * The form: its controls as settings, and settings in its controls.
 *
 * @module
 */
/// <reference lib="dom" />
import { faultOf, isNumberName } from "./faults.ts";
import type { Found } from "./messages.ts";
import { byId } from "./page_parts.ts";
import {
  BACKENDS,
  defaultsOf,
  type NumberName,
  type Op,
  OP_NAMES,
  type Settings,
  settingsOf,
} from "./settings.ts";
import { moveSlider, takeFromSlider } from "./sliders.ts";

const NUMBERS: readonly NumberName[] = ["groups", "stabiliser", "alpha", "epsilon"];

/** Fills the lists that the code knows. */
export function fillLists(): void {
  byId("op").append(...Object.entries(OP_NAMES).map(([value, name]) => new Option(name, value)));
  byId("backend").append(...BACKENDS.map((backend) => new Option(backend, backend)));
}

/** Puts settings into the controls. */
export function show(settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    const control = byId<HTMLInputElement>(name);
    if (typeof value === "boolean") control.checked = value;
    else control.value = String(value);
  }
  for (const name of NUMBERS) moveSlider(name);
  showOwn(settings.op);
}

/** Brings the other controls in line with one that the user has changed. */
export function follow(control: EventTarget | null): void {
  const { id } = control as HTMLElement;
  if (id.endsWith("-slider")) takeFromSlider(id.slice(0, -"-slider".length));
  else if (isNumberName(id)) moveSlider(id);
  else if (id === "op") {
    const op = byId<HTMLSelectElement>("op").value as Op;
    byId<HTMLInputElement>("stabiliser").value = String(defaultsOf(op).stabiliser);
    moveSlider("stabiliser");
    showOwn(op);
  }
}

/**
 * What the controls say. A number that the op does not have is its default.
 *
 * @throws {TypeError} If a field that the op has is empty or no number.
 */
export function read(): Settings {
  const text = (name: string) => byId<HTMLInputElement>(name).value;
  const op = text("op") as Op;
  const own = settingsOf(op);
  const number = (name: NumberName) =>
    own.includes(name) ? numberIn(byId<HTMLInputElement>(name)) : defaultsOf(op)[name];
  return {
    op,
    channels: text("channels") as Settings["channels"],
    dataFormat: text("dataFormat") as Settings["dataFormat"],
    tiles: Number(text("tiles")),
    groups: number("groups"),
    stabiliser: number("stabiliser"),
    alpha: number("alpha"),
    epsilon: number("epsilon"),
    back: byId<HTMLInputElement>("back").checked,
    backend: text("backend") as Settings["backend"],
  };
}

/** Marks the field that an error is about; none where there is none, or the error is about another thing. */
export function markFault(message: string): void {
  const op = byId<HTMLSelectElement>("op").value as Op;
  const faulty = faultOf(message, op);
  for (const name of NUMBERS) {
    const isFaulty = name === faulty;
    const field = byId(name);
    if (isFaulty) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    byId(`${name}-error`).textContent = isFaulty ? ruleOf(message) : "";
  }
}

/** Offers the backends that are there. */
export function offerBackends(found: readonly Found[]): void {
  for (const one of found) {
    const option = byId("backend").querySelector<HTMLOptionElement>(`[value=${one.backend}]`)!;
    option.disabled = "reason" in one;
    if ("reason" in one) option.textContent = `${one.backend} (not here)`;
    else if (one.software) option.textContent = `${one.backend} (in software)`;
  }
}

/** The part of an error that says what must hold. */
function ruleOf(message: string): string {
  const rule = /\b(must [^]*)$/.exec(message)?.[1] ?? message;
  return `${rule[0].toUpperCase()}${rule.slice(1)}`;
}

function numberIn(field: HTMLInputElement): number {
  const value = field.valueAsNumber;
  if (Number.isNaN(value)) {
    const got = field.validity.badInput ? "other text" : "an empty field";
    // What a norm adds to the variance is the library's epsilon.
    const name = field.id === "stabiliser" ? "epsilon" : field.id;
    throw new TypeError(`Cannot apply the settings: ${name} must be a number, got ${got}`);
  }
  return value;
}

/** Shows the controls that the op has. */
function showOwn(op: Op): void {
  const own: readonly string[] = settingsOf(op);
  for (const control of byId("controls").querySelectorAll<HTMLElement>("[data-setting]")) {
    control.hidden = !own.includes(control.dataset.setting!);
  }
}
