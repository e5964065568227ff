#!/usr/bin/env bats
# Tests contract.bats: an image that is broken in a known way fails just the tests that are about it. Run it as contract-test --self-test IMAGE.

setup_file() {
  # shellcheck source=../../scripts/lib.sh
  source "$CHECKOUT/scripts/lib.sh"
  # shellcheck source=../engine.sh
  source "$CHECKOUT/images/engine.sh"
  find_engine
  need_packages "an image with one mechanism too many" libsasl2-modules
  loaded_image "${IMAGE:?IMAGE is the name of an image, or an archive of images/build}" >"$BATS_FILE_TMPDIR/image"
  list_files "$(<"$BATS_FILE_TMPDIR/image")" "securememcached-self-test-$$" |
    sed -nE 's|.* (\./)?(usr/.*/sasl2)/libplain\.so.*|/\2|p' | head -n 1 >"$BATS_FILE_TMPDIR/plugins"
  mkdir "$BATS_FILE_TMPDIR/faulty"
  cp -L "$(dpkg -L libsasl2-modules | grep '/libanonymous.so$')" "$BATS_FILE_TMPDIR/faulty/"
  : >"$BATS_FILE_TMPDIR/faulty/memcached.conf"
  cp /bin/true "$BATS_FILE_TMPDIR/faulty/setuid"
}

setup() {
  load "$CHECKOUT/scripts/assertions.bash"
  source "$CHECKOUT/scripts/lib.sh"
  source "$CHECKOUT/images/engine.sh"
  find_engine
  image=$(<"$BATS_FILE_TMPDIR/image")
  plugins=$(<"$BATS_FILE_TMPDIR/plugins")
  faulty=securememcached-faulty-$$
}

teardown() { "${engine[@]}" rmi --force "$faulty" >/dev/null 2>&1 || true; }

# found FAILURES PATTERN LINE...: an image with these lines on top fails as many tests, one of them with this name.
found() {
  local output
  printf '%s\n' "FROM $image" "${@:3}" >"$BATS_FILE_TMPDIR/faulty/Containerfile"
  "${build[@]}" --tag "$faulty" --file "$BATS_FILE_TMPDIR/faulty/Containerfile" "$BATS_FILE_TMPDIR/faulty" >/dev/null
  # The inner run is not a part of this one.
  output=$(env --ignore-environment HOME="$HOME" PATH="$PATH" ${SECUREMEMCACHED_CACHE:+SECUREMEMCACHED_CACHE="$SECUREMEMCACHED_CACHE"} \
    "$CHECKOUT/images/memcached/contract-test" "$faulty") && echo "no test failed" && return 1
  sed -n 's/^not ok/# &/p' <<<"$output"
  is "$1" grep -c '^not ok' <<<"$output"
  grep -q "^not ok .*$2" <<<"$output"
}

@test "a mechanism plugin too many" {
  found 1 "SASL plugins" "COPY libanonymous.so $plugins/"
}

@test "ANONYMOUS and an empty configuration" {
  found 3 "lets nobody in as ANONYMOUS" "COPY libanonymous.so $plugins/" "COPY memcached.conf /etc/sasl2/"
}

@test "a setuid file" {
  found 1 "setuid" "COPY --chmod=4755 setuid /usr/bin/"
}

@test "a stop signal that process 1 ignores" {
  found 2 "stops within 2 s" "STOPSIGNAL SIGTTIN"
}

@test "the user root" {
  found 1 "runs as 11211" "USER 0"
}

@test "a wrapper as its entry point" {
  found 1 "entry point" 'ENTRYPOINT ["/usr/bin/memcached", "-v"]'
}
