#!/bin/bash
# pack.sh OUTDIR [REPO] [--no-peers]: all that a Linux x86-64 machine without a network needs to run this
# library and `bench gpu`: Deno, gpu.js without native add-ons, the peers' WebGPU builds, Vulkan's loader,
# and the sources. The peers are taken from Deno's cache: `deno task bench gpu --quick` fills it.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd); repo=$(cd "${2:-.}" && pwd); peers=${3:-}
deno=${DENO_BIN:-$(find "$HOME/.npm/_npx" -path '*@deno/linux-x64-glibc/deno' -size +10M | head -1)}
cache=${NPM_CACHE:-$(ls -d "$HOME"/.cache/deno/npm/*/ | head -1)}
stage=$(mktemp -d); trap 'rm -rf "$stage"' EXIT

# 1. Deno. xz is 9 % smaller than zstd -19, and Python's lzma unpacks it anywhere.
[ -s "$out/deno.xz" ] || xz -9e -T1 -c "$deno" >"$out/deno.xz"

# 2. gpu.js and what it requires at run time, as node_modules: no registry, no cache, no lock.
# `webgpu` (dawn, 84 MB) and `gl` (23 MB) are native add-ons that Deno does not load.
nm=$stage/app/node_modules; mkdir -p "$nm"
add() { # name version path...
  local from=$cache/$1/$2 to=$nm/$1; shift 2; mkdir -p "$to"
  for path in package.json "$@"; do mkdir -p "$to/$(dirname "$path")"; cp -rL "$from/$path" "$to/$path"; done
}
version() { basename "$(ls -d "$cache/$1"/[0-9]* | sort -V | tail -1)"; }
add gpu.js 2.24.1 src
add acorn 8.14.0 dist/acorn.js
add gpu-mock.js "$(version gpu-mock.js)" dist 2>/dev/null || { rm -rf "$nm/gpu-mock.js"; cp -rL "$cache/gpu-mock.js/$(version gpu-mock.js)" "$nm/gpu-mock.js"; }
for stub in webgpu gl; do
  mkdir -p "$nm/$stub"
  echo "{\"name\":\"$stub\",\"version\":\"0.0.0\",\"main\":\"index.js\"}" >"$nm/$stub/package.json"
  echo "throw Object.assign(new Error('$stub was left out'), { code: 'MODULE_NOT_FOUND' });" >"$nm/$stub/index.js"
done

# 2b. What `bench gpu` races against, each with the files that Deno loads and no others. TensorFlow.js
# asks for all of its parts when it starts; of ONNX Runtime the build for WebGPU is one module and one
# WebAssembly file of 27 MB, most of what the pack grows by.
peer_dependencies={}
if [ "$peers" != --no-peers ]; then
  for part in tfjs:tf tfjs-core:tf-core tfjs-layers:tf-layers tfjs-converter:tf-converter \
    tfjs-data:tf-data tfjs-backend-cpu:tf-backend-cpu tfjs-backend-webgl:tf-backend-webgl \
    tfjs-backend-webgpu:tf-backend-webgpu; do
    add "@tensorflow/${part%%:*}" 4.22.0 "dist/${part##*:}.node.js"
  done
  add seedrandom 3.0.5 index.js seedrandom.js lib
  add long 4.0.0 src
  add string_decoder 1.3.0 lib
  add safe-buffer 5.2.1 index.js
  add @jax-js/jax 0.1.25 $(cd "$cache/@jax-js/jax/0.1.25" && ls dist/*.js)
  add onnxruntime-web 1.30.0 dist/ort.webgpu.bundle.min.mjs dist/ort-wasm-simd-threaded.asyncify.mjs dist/ort-wasm-simd-threaded.asyncify.wasm
  peer_dependencies='{"@tensorflow/tfjs": "4.22.0", "@tensorflow/tfjs-backend-webgpu": "4.22.0", "@jax-js/jax": "0.1.25", "onnxruntime-web": "1.30.0"}'
fi

# 3. The repository's own sources.
for path in mod.ts ops generated bench tests examples/sample.png deno.json; do
  [ -e "$repo/$path" ] && mkdir -p "$stage/app/$(dirname "$path")" && cp -r "$repo/$path" "$stage/app/$path"
done
rm -f "$stage/app/bench/history.jsonl"
python3 - "$stage/app" "$peer_dependencies" <<'PY'
import json, sys
app, peers = sys.argv[1], json.loads(sys.argv[2])
config = json.load(open(f"{app}/deno.json"))
config["nodeModulesDir"] = "manual"
config["imports"] = {
    "gpu.js": config["imports"]["gpu.js"],
    "@std/assert": "./tests/npm/assert.ts", "@std/testing/bdd": "./tests/npm/bdd.ts",
}
config["lock"] = False
for key in ("tasks", "publish", "lint", "fmt"): config.pop(key, None)
json.dump(config, open(f"{app}/deno.json", "w"), indent=1)
json.dump({"dependencies": {"gpu.js": "2.24.1", **peers}}, open(f"{app}/package.json", "w"))
PY
tar -C "$stage/app" -c . | xz -9e -T1 >"$out/app.tar.xz"

# 4. Loaders: of Vulkan, and of EGL, which NVIDIA's headless driver asks for.
(cd "$out" && for deb in ${DEBS:-libvulkan1 libegl1 libglvnd0}; do
  ls "$deb"_*.deb >/dev/null 2>&1 || apt-get -q download "$deb" >/dev/null 2>&1; done)
cp "$(dirname "$0")/unpack.sh" "$out/unpack.sh"
du -cb "$out"/* | sort -n
