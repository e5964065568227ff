# SBOMs of the images and of the operator's jars, as CycloneDX and as SPDX. Sourced by release/run.
# shellcheck shell=bash disable=SC2154

# same_bytes: syft gives each SBOM a random id and the time of the run; here both follow from the contents and from the time of the build.
same_bytes() {
  local file=$1 hash id
  hash=$(jq 'del(.serialNumber, .metadata.timestamp, .documentNamespace, .creationInfo.created)' "$file" | sha256sum)
  id=${hash:0:8}-${hash:8:4}-5${hash:13:3}-8${hash:17:3}-${hash:20:12}
  jq --arg id "$id" --arg time "$time" --arg namespace "$source/spdx/$(basename "$file")-$id" '
    if .bomFormat then .serialNumber = "urn:uuid:" + $id | .metadata.timestamp = $time
    else .documentNamespace = $namespace | .creationInfo.created = $time end' "$file" >"$file.new"
  mv "$file.new" "$file"
}

# without_files: an SPDX document of packages alone. Each file of a package is 500 bytes in it, which are megabytes for CentOS 7, and the log of signatures
# takes no such document. Then SPDX 2.3 wants `filesAnalyzed` to be false, and no verification code.
without_files() {
  jq 'del(.files)
    | .relationships |= map(select([.spdxElementId, .relatedSpdxElement] | any(startswith("SPDXRef-File-")) | not))
    | .packages |= map(del(.packageVerificationCode, .hasFiles) | .filesAnalyzed = false)' "$1" >"$1.new"
  mv "$1.new" "$1"
}

# sbom SOURCE NAME VERSION FILE
sbom() {
  SYFT_CHECK_FOR_APP_UPDATE=false syft scan --quiet "$1" --source-name "$2" --source-version "$3" \
    --output "cyclonedx-json=$4.cdx.json" --output "spdx-json=$4.spdx.json"
  without_files "$4.spdx.json"
  same_bytes "$4.cdx.json"
  same_bytes "$4.spdx.json"
}

sbom_file() {
  local short=${1##*/}
  echo "$out/sbom/${short/:/-}-$2"
}

make_sboms() {
  local name platform archive jars=$work/jars
  mkdir -p "$out/sbom" "$jars"
  cp "$root/operator/target/operator-$version.jar" "$root"/operator/target/lib/*.jar "$jars/"
  # Ids in an SBOM are made of the path, too.
  cd "$jars" || exit
  step "Writing the SBOMs of the operator's jars" sbom dir:. securememcached-operator "$version" "$out/sbom/jars-$version"
  while read -r name platform archive; do
    step "Writing the SBOMs of $name for $platform" sbom "docker-archive:$archive" "${registry%%/*}/${name%:*}" "${name##*:}" "$(sbom_file "$name" "$platform")"
  done <"$work/images"
  cp -r "$out/sbom" "$work/sbom"
  archive "$out/sbom-$version.tar.gz" "$work/sbom"
  cd "$root" || exit
}
