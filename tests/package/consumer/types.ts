/**
 * The types that `values.ts` does not name, each used once, so that a name that is missing or needs a
 * library does not compile.
 *
 * @module
 */
import type {
  AdamOptions,
  AdamWOptions,
  Adjustment,
  AdjustmentTensors,
  AnyRuntime,
  AnyTensor,
  Applied,
  AppliedFlags,
  AppliedParams,
  AsyncDisposing,
  AxisOptions,
  Backend,
  BatchNormCotangents,
  BatchNormOptions,
  BatchNormVjp,
  ClipOptions,
  Clipped,
  CompressAIGdn,
  CompressAIGdnOptions,
  DataFormat,
  DenseParams,
  Disposing,
  ElementType,
  ExportedCompressAIGdn,
  ExportedPyTorchBatchNorm,
  FromAnywhere,
  GdnCotangents,
  GdnInverseOptions,
  GdnOptions,
  GdnParams,
  GdnVjp,
  GpuBuffer,
  GpuDevice,
  GpuTensor,
  GradAndAux,
  Gradients,
  GroupNormOptions,
  ImportedBatchNorm,
  ImportedGdn,
  ImportedGroupNorm,
  ImportedInstanceNorm,
  ImportedLayerNorm,
  ImportedNorm,
  InitBatchNormOptions,
  InitGdnOptions,
  InitNormOptions,
  InitRmsNormOptions,
  InScope,
  InstanceNormOptions,
  KerasBatchNorm,
  KerasBatchNormConfig,
  KerasBatchNormOptions,
  KerasGroupNorm,
  KerasGroupNormConfig,
  KerasLayerNorm,
  KerasLayerNormConfig,
  KerasUnusedConfig,
  LayerNormOptions,
  LocationOptions,
  MatmulOptions,
  MaxNormOptions,
  MemoryTensor,
  MinMaxNormOptions,
  Moments,
  MomentsCotangents,
  MomentsGradients,
  MomentsOptions,
  MomentsVjp,
  NestedArray,
  NormCotangents,
  NormOptions,
  NormParams,
  NormVjp,
  OnlyParams,
  OnnxBatchNorm,
  OnnxBatchNormAttributes,
  PipelineOps,
  PipelineOptions,
  PipelineOutput,
  Placed,
  PlanEstimate,
  PyTorchBatchNorm,
  PyTorchBatchNormOptions,
  PyTorchGroupNorm,
  PyTorchGroupNormOptions,
  PyTorchInstanceNorm,
  PyTorchInstanceNormOptions,
  PyTorchLayerNorm,
  PyTorchLayerNormOptions,
  ReadSafetensorsOptions,
  RecordedOps,
  RenormClipping,
  ReparamOptions,
  RmsNormCotangents,
  RmsNormOptions,
  RmsNormParams,
  RmsNormVjp,
  Runtime,
  RuntimeOptions,
  RuntimeScope,
  RuntimeStats,
  RuntimeTensor,
  Safetensors,
  SgdOptions,
  SgdState,
  Step,
  SymbolicMomentsVjp,
  SymbolicVjp,
  SyncPipelineOptions,
  Tensor,
  TensorData,
  TensorFlowBatchNorm,
  TensorFlowBatchNormOptions,
  TensorFlowGdn,
  TensorFlowGdnOptions,
  TensorLike,
  TensorsOf,
  ValueAndGrad,
  ValueAndGradOptions,
  ValueGradAndAux,
  Vector,
  WithAux,
} from "@kernorm/kernorm";
import type {
  Constraint,
  NormalOptions,
  Regularizer,
  SeedOptions,
  UniformOptions,
  VarianceScalingOptions,
} from "@kernorm/kernorm/training";

/** One of each. */
export interface Types {
  readonly adamOptions: AdamOptions;
  readonly adamWOptions: AdamWOptions;
  readonly gpuBuffer: GpuBuffer;
  readonly gpuDevice: GpuDevice;
  readonly gpuTensor: GpuTensor;
  readonly gradients: Gradients<Tensor>;
  readonly adjustment: Adjustment;
  readonly adjustmentTensors: AdjustmentTensors;
  readonly applied: Applied<NormParams, true>;
  readonly appliedFlags: AppliedFlags<true, false>;
  readonly appliedParams: AppliedParams<NormParams, true, false>;
  readonly asyncDisposing: AsyncDisposing;
  readonly axisOptions: AxisOptions;
  readonly backend: Backend;
  readonly batchNormCotangents: BatchNormCotangents;
  readonly batchNormOptions: BatchNormOptions;
  readonly batchNormVjp: BatchNormVjp;
  readonly compressAIGdn: CompressAIGdn;
  readonly compressAIGdnOptions: CompressAIGdnOptions;
  readonly constraint: Constraint;
  readonly dataFormat: DataFormat;
  readonly denseParams: DenseParams;
  readonly disposing: Disposing;
  readonly elementType: ElementType;
  readonly exportedCompressAIGdn: ExportedCompressAIGdn;
  readonly exportedPyTorchBatchNorm: ExportedPyTorchBatchNorm;
  readonly gdnCotangents: GdnCotangents;
  readonly gdnInverseOptions: GdnInverseOptions;
  readonly gdnOptions: GdnOptions;
  readonly gdnParams: GdnParams;
  readonly gdnVjp: GdnVjp;
  readonly groupNormOptions: GroupNormOptions;
  readonly importedBatchNorm: ImportedBatchNorm;
  readonly importedGdn: ImportedGdn;
  readonly importedGroupNorm: ImportedGroupNorm;
  readonly importedInstanceNorm: ImportedInstanceNorm;
  readonly importedLayerNorm: ImportedLayerNorm;
  readonly importedNorm: ImportedNorm<object>;
  readonly initBatchNormOptions: InitBatchNormOptions;
  readonly initGdnOptions: InitGdnOptions;
  readonly initNormOptions: InitNormOptions;
  readonly instanceNormOptions: InstanceNormOptions;
  readonly kerasBatchNorm: KerasBatchNorm;
  readonly kerasBatchNormConfig: KerasBatchNormConfig;
  readonly kerasBatchNormOptions: KerasBatchNormOptions;
  readonly kerasGroupNorm: KerasGroupNorm;
  readonly kerasGroupNormConfig: KerasGroupNormConfig;
  readonly kerasLayerNorm: KerasLayerNorm;
  readonly kerasLayerNormConfig: KerasLayerNormConfig;
  readonly kerasUnusedConfig: KerasUnusedConfig;
  readonly layerNormOptions: LayerNormOptions;
  readonly matmulOptions: MatmulOptions;
  readonly memoryTensor: MemoryTensor;
  readonly maxNormOptions: MaxNormOptions;
  readonly minMaxNormOptions: MinMaxNormOptions;
  readonly moments: Moments;
  readonly momentsCotangents: MomentsCotangents;
  readonly momentsGradients: MomentsGradients;
  readonly momentsOptions: MomentsOptions;
  readonly momentsVjp: MomentsVjp;
  readonly nestedArray: NestedArray;
  readonly normalOptions: NormalOptions;
  readonly normCotangents: NormCotangents;
  readonly normOptions: NormOptions;
  readonly normParams: NormParams;
  readonly normVjp: NormVjp;
  readonly onlyParams: OnlyParams<NormParams>;
  readonly onnxBatchNorm: OnnxBatchNorm;
  readonly onnxBatchNormAttributes: OnnxBatchNormAttributes;
  readonly pipelineOps: PipelineOps;
  readonly pipelineOptions: PipelineOptions;
  readonly pipelineOutput: PipelineOutput;
  readonly pyTorchBatchNorm: PyTorchBatchNorm;
  readonly pyTorchBatchNormOptions: PyTorchBatchNormOptions;
  readonly pyTorchGroupNorm: PyTorchGroupNorm;
  readonly pyTorchGroupNormOptions: PyTorchGroupNormOptions;
  readonly pyTorchInstanceNorm: PyTorchInstanceNorm;
  readonly pyTorchInstanceNormOptions: PyTorchInstanceNormOptions;
  readonly pyTorchLayerNorm: PyTorchLayerNorm;
  readonly pyTorchLayerNormOptions: PyTorchLayerNormOptions;
  readonly readSafetensorsOptions: ReadSafetensorsOptions;
  readonly clipped: Clipped<object>;
  readonly clipOptions: ClipOptions;
  readonly recordedOps: RecordedOps;
  readonly gradAndAux: GradAndAux<Tensor, string>;
  readonly tensorsOf: TensorsOf<Tensor>;
  readonly valueAndGrad: ValueAndGrad<Tensor>;
  readonly valueAndGradOptions: ValueAndGradOptions;
  readonly valueGradAndAux: ValueGradAndAux<Tensor, string>;
  readonly withAux: WithAux<string>;
  readonly regularizer: Regularizer;
  readonly renormClipping: RenormClipping;
  readonly reparamOptions: ReparamOptions;
  readonly initRmsNormOptions: InitRmsNormOptions;
  readonly rmsNormCotangents: RmsNormCotangents;
  readonly rmsNormOptions: RmsNormOptions;
  readonly rmsNormParams: RmsNormParams;
  readonly rmsNormVjp: RmsNormVjp;
  readonly runtimeOptions: RuntimeOptions;
  readonly runtimeScope: RuntimeScope;
  readonly runtimeStats: RuntimeStats;
  readonly runtimeTensor: RuntimeTensor;
  readonly anyRuntime: AnyRuntime;
  readonly anyTensor: AnyTensor;
  readonly fromAnywhere: FromAnywhere<Tensor>;
  readonly inScope: InScope<Tensor>;
  readonly placed: Placed<Tensor, Runtime>;
  readonly locationOptions: LocationOptions;
  readonly planEstimate: PlanEstimate;
  readonly step: Step<object, SgdState>;
  readonly safetensors: Safetensors;
  readonly seedOptions: SeedOptions;
  readonly sgdOptions: SgdOptions;
  readonly sgdState: SgdState;
  readonly symbolicMomentsVjp: SymbolicMomentsVjp;
  readonly symbolicVjp: SymbolicVjp<Tensor>;
  readonly syncPipelineOptions: SyncPipelineOptions<RuntimeScope>;
  readonly tensorData: TensorData;
  readonly tensorFlowBatchNorm: TensorFlowBatchNorm;
  readonly tensorFlowBatchNormOptions: TensorFlowBatchNormOptions;
  readonly tensorFlowGdn: TensorFlowGdn;
  readonly tensorFlowGdnOptions: TensorFlowGdnOptions;
  readonly tensorLike: TensorLike;
  readonly uniformOptions: UniformOptions;
  readonly varianceScalingOptions: VarianceScalingOptions;
  readonly vector: Vector;
}
