import { benchOperations } from "./suite.ts";

await benchOperations("batchNormTraining", "batchNormInference");
