#!/usr/bin/env bats
# Checks the operator's image as the chart runs it: IMAGE=NAME_OR_ARCHIVE scripts/bats images/operator/image.bats. No cluster needed.

setup_file() {
  # shellcheck source=../../scripts/lib.sh
  source "$CHECKOUT/scripts/lib.sh"
  # shellcheck source=../engine.sh
  source "$CHECKOUT/images/engine.sh"
  find_engine
  loaded_image "${IMAGE:?IMAGE is the name of an image, or an archive of images/build}" >"$BATS_FILE_TMPDIR/image"
  list_files "$(<"$BATS_FILE_TMPDIR/image")" "securememcached-image-test-$$" >"$BATS_FILE_TMPDIR/files"
}

setup() {
  load "$CHECKOUT/scripts/assertions.bash"
  source "$CHECKOUT/scripts/lib.sh"
  source "$CHECKOUT/images/engine.sh"
  find_engine
  image=$(<"$BATS_FILE_TMPDIR/image")
  files=$BATS_FILE_TMPDIR/files
  training=$(find "$root/image-training/target" -maxdepth 1 -name 'image-training-*.jar' | head -n 1)
  [[ $training ]] || die "image-training/target has no jar; run 'mvn package' first"
}

shells() { awk '{print $2}' "$files" | grep -E '(^|/)(ba|da|)sh$' || true; }
run() {
  "${engine[@]}" run --rm --network none --cap-drop ALL --security-opt no-new-privileges "${read_only[@]}" "${run_limits[@]}" "$@"
}
# train OPTION...: with the entry point's own words, so that the cache is tried with the flags that the operator gets; -XX options go to the operator's JVM.
train() {
  local words options=() flags=()
  while (($#)); do
    case $1 in -XX*) flags+=("$1") ;; *) options+=("$1") ;; esac
    shift
  done
  read -ra words <<<"$(image_config "$image" '{{range .Config.Entrypoint}}{{.}} {{end}}')"
  run "${options[@]}" --volume "$training:/training.jar:ro" --entrypoint "${words[0]}" "$image" -Xmx32m -XX:TieredStopAtLevel=1 -cp '/training.jar:/app/lib/*' \
    io.securememcached.training.Training - "${words[0]}" -Xlog:class+load:stdout "${flags[@]}" "${words[@]:1}"
}
# small: with a heap as in a pod of 128 MiB, whose limit the API server of the training does not share here.
small() {
  local peak
  peak=$(train --memory 256m -XX:MaxRAM=128m | sed -n 's/^Peak resident memory: \([0-9]*\) kB$/\1/p')
  echo "peak: ${peak:-unknown} kB"
  ((peak > 0 && peak <= 128 * 1024))
}
# A JVM that doesn't like the cache says nothing and reads the jars.
trained_from_cache() { train "$@" | grep 'io.securememcached.operator.Main source: ' | grep 'shared objects file'; }

@test "runs as 65532:65532" {
  is 65532:65532 image_config "$image" '{{.Config.User}}'
}

@test "holds no setuid or setgid file and no device" {
  is '' privileged "$files"
}

@test "holds no shell" {
  is '' shells
}

@test "holds the licenses of the project and of the Java runtime" {
  grep -q ' app/LICENSE$' "$files"
  grep -q ' opt/java/legal/java.base/LICENSE$' "$files"
}

@test "reconciles once on a read-only root without capabilities" {
  train --memory 256m
}

@test "takes its classes from the AOT cache" {
  trained_from_cache --memory 256m
}

@test "does so in 128 MiB" {
  small
}

@test "says which setting is missing" {
  grep -q 'OPERATOR_NAMESPACE is not set' <(run "$image" 2>&1)
}
