import { benchOperations } from "./suite.ts";

await benchOperations("groupNorm", "layerNorm", "instanceNorm");
