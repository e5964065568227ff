# Checksums, SLSA provenance and signatures. Sourced by release/run.
# shellcheck shell=bash disable=SC2154

# set_signer: sets `signer`, the options of cosign: a key that need not stay secret in a dry run, else the identity of the workflow that runs this (OIDC).
set_signer() {
  signer=(--yes)
  [[ $dry_run ]] || return 0
  export COSIGN_PASSWORD=
  if [[ ! $key ]]; then
    step "Making a key for this dry run" make_key
    key=$work/cosign.key
  fi
  # No transparency log: what is signed here was never released.
  cosign signing-config create --out "$work/signing-config.json"
  signer+=(--key "$key" --signing-config "$work/signing-config.json")
  cosign public-key --key "$key" --outfile "$out/cosign.pub"
}
make_key() { cosign generate-key-pair --output-key-prefix "$work/cosign"; }

# released: the files that a user downloads, below the release's folder.
released() { (cd "$out" && find . -path ./oci -prune -o -type f -printf '%P\n' | grep -Ev '^(checksums\.txt|provenance\.json|cosign\.pub)$|\.sigstore\.json$' | LC_ALL=C sort); }

make_checksums() { (cd "$out" && released | xargs -d '\n' sha256sum >checksums.txt); }

# make_provenance: an in-toto statement with the predicate https://slsa.dev/spec/v1.0/provenance about all files and all images.
make_provenance() {
  local commit builder invocation
  commit=$(git -C "$root" rev-parse HEAD)
  builder=$source/release-dry-run
  invocation=$builder
  if [[ ! $dry_run ]]; then
    builder=$source/.github/workflows/release.yaml@${GITHUB_REF:?a release runs in the workflow release.yaml}
    invocation=$source/actions/runs/${GITHUB_RUN_ID:?a release runs in the workflow release.yaml}
  fi
  {
    sed -E 's/^([0-9a-f]{64})  (.*)$/{"name": "\2", "digest": {"sha256": "\1"}}/' "$out/checksums.txt"
    sed -E 's/^sha256:([0-9a-f]{64})  (.*)$/{"name": "\2", "digest": {"sha256": "\1"}}/' "$out/digests.txt"
  } | jq --slurp --arg commit "$commit" --arg builder "$builder" --arg invocation "$invocation" --arg version "$version" --arg source "$source" '{
      _type: "https://in-toto.io/Statement/v1",
      subject: .,
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          buildType: ($source + "/blob/main/RELEASING.md"),
          externalParameters: {version: $version},
          resolvedDependencies: [{uri: ("git+" + $source), digest: {gitCommit: $commit}}]
        },
        runDetails: {builder: {id: $builder}, metadata: {invocationId: $invocation}}
      }
    }' >"$out/provenance.json"
}

sign_files() {
  cosign sign-blob "${signer[@]}" --bundle "$out/checksums.txt.sigstore.json" "$out/checksums.txt"
  cosign attest-blob "${signer[@]}" --statement "$out/provenance.json" --bundle "$out/provenance.sigstore.json"
  # cosign lets their owner alone read them.
  chmod a+r "$out"/*.sigstore.json
}

# sign_reference PATH:TAG: signs the index and each image in it, or the chart.
sign_reference() {
  local repository=$local_registry/${1%:*} digest
  digest=$(digest_of "$1")
  cosign sign "${signer[@]}" --recursive "$repository@$digest"
  jq .predicate "$out/provenance.json" >"$work/predicate.json"
  cosign attest "${signer[@]}" --type slsaprovenance1 --predicate "$work/predicate.json" "$repository@$digest"
}

# attest_sbom PATH:TAG PLATFORM
attest_sbom() {
  local repository=$local_registry/${1%:*} digest
  digest=$(digest_of "$1-$2")
  cosign attest "${signer[@]}" --type cyclonedx --predicate "$(sbom_file "$1" "$2").cdx.json" "$repository@$digest"
  cosign attest "${signer[@]}" --type spdxjson --predicate "$(sbom_file "$1" "$2").spdx.json" "$repository@$digest"
}

make_signatures() {
  local name platform
  step "Writing checksums" make_checksums
  step "Writing the provenance" make_provenance
  set_signer
  step "Signing the files" sign_files
  while read -r name; do step "Signing $name" sign_reference "$name"; done <"$work/references"
  while read -r name platform _; do step "Attaching the SBOMs of $name for $platform" attest_sbom "$name" "$platform"; done <"$work/images"
  step "Saving the signatures" save_signatures
}
