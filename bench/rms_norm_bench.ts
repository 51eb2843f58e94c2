import { benchOperations } from "./suite.ts";

await benchOperations("rmsNorm");
