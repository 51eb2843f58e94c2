/** Thrown where the tile compiler cannot take a kernel; gpu.js' own code generator then does. */
export class Unsupported extends Error {
  override name = "Unsupported";
}
