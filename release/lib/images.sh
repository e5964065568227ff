# Images as OCI layouts, one for each name, with an index of its platforms. A registry on the loopback address holds them while they are put together and signed.
# shellcheck shell=bash disable=SC2154

# start_registry: sets `local_registry`, HOST:PORT of a registry in memory that ends with this script.
start_registry() {
  local log=$work/registry.log port='' tries
  : >"$log"
  crane registry serve --address 127.0.0.1:0 >"$log" 2>&1 &
  registry_pid=$!
  for ((tries = 0; tries < 100; tries++)); do
    port=$(sed -n 's/.*serving on port \([0-9]*\)$/\1/p' "$log")
    [[ ! $port ]] || break
    kill -0 "$registry_pid" 2>/dev/null || die "the local registry did not start: $(<"$log")"
    sleep 0.1
  done
  [[ $port ]] || die "the local registry has no port after 10 s: $(<"$log")"
  local_registry=127.0.0.1:$port
}

archive_name() { tar --extract --to-stdout --file="$1" manifest.json | jq -r '.[0].RepoTags[0]'; }
archive_platform() {
  local config
  config=$(tar --extract --to-stdout --file="$1" manifest.json | jq -r '.[0].Config')
  tar --extract --to-stdout --file="$1" "$config" | jq -r .architecture
}

# own_archives PLATFORM: builds the images for it, or for this machine, and adds their folder to `archives`.
own_archives() {
  local folder=$work/archives/${1#linux/} archive code=0
  mkdir -p "$folder"
  archives+=("$folder")
  "$root/images/build" ${1:+--platform "$1"} "${images[@]}" >"$work/built" || code=$?
  # Exit code 4: a base cannot be had here. A release needs all images, a dry run does without.
  if ((code != 0)) && [[ ! $dry_run || $code != 4 ]]; then exit "$code"; fi
  while read -r archive; do ln -s "$archive" "$folder/"; done <"$work/built"
}

# collect_image ARCHIVE: pushes it as NAME:TAG-ARCHITECTURE, in OCI's formats; the engines' archives have Docker's.
collect_image() {
  local name platform
  name=$(archive_name "$1")
  platform=$(archive_platform "$1")
  [[ $name == "$registry"/* ]] || die "$1 holds $name, which is not below $registry"
  skopeo copy --quiet --format oci --dest-tls-verify=false "docker-archive:$1" "docker://$local_registry/${name#*/}-$platform"
  echo "${name#*/} $platform $1" >>"$work/images"
}

# finish_image PATH:TAG: its index, in the order of the platforms' names.
finish_image() {
  local platform manifests=()
  while read -r platform; do manifests+=(--manifest "$local_registry/$1-$platform"); done < <(awk -v name="$1" '$1 == name { print $2 }' "$work/images" | sort)
  crane index append "${manifests[@]}" --tag "$local_registry/$1"
  echo "$1" >>"$work/references"
}

make_images() {
  local folder archive name
  : >"$work/images"
  for folder in "${archives[@]}"; do
    for archive in "$folder"/*.tar; do step "Converting $(basename "$archive") of $folder" collect_image "$(readlink -f "$archive")"; done
  done
  while read -r name; do step "Writing the index of $name" finish_image "$name"; done < <(cut -d' ' -f1 "$work/images" | sort -u)
}

# push_chart NAME
push_chart() {
  (cd "$work" && helm push "$out/$1-$version.tgz" "oci://$local_registry/${registry#*/}/charts" --plain-http)
  echo "${registry#*/}/charts/$1:$version" >>"$work/references"
}

digest_of() { crane digest "$local_registry/$1"; }

# make_pinned: what installs these images and no others, whatever happens to their tags.
make_pinned() {
  local name digest pinned=() operator_digest
  cp "$root/install/install.yaml" "$out/install.yaml"
  while read -r name; do
    digest=$(digest_of "$name")
    pinned+=(-e "s|${registry%%/*}/$name\\b|&@$digest|")
  done < <(grep -Ev '/(charts|operator-bundle)[/:]' "$work/references")
  sed -i -E "${pinned[@]}" "$out/install.yaml"
  operator_digest=$(digest_of "${registry#*/}/operator:$version")
  {
    echo "# The images of SecureMemcached $version by digest: helm install --values values-digests.yaml ..."
    echo "image: {digest: \"$operator_digest\"}"
    echo "images:"
    while read -r name; do
      echo "  ${name##*-}: ${registry%%/*}/$name@$(digest_of "$name")"
    done < <(grep /memcached: "$work/references")
  } >"$out/values-digests.yaml"
}

# save_layout REFERENCE FOLDER
save_layout() {
  mkdir -p "$2"
  crane pull --format oci "$1" "$2"
}

# save_layouts: what a push to another registry takes: images, charts and all that refers to them.
save_layouts() {
  local name repository tag folder
  while read -r name; do
    folder=$out/oci/${name#*/}
    folder=${folder/:/\/}
    save_layout "$local_registry/$name" "$folder/image"
    printf '%s  %s\n' "$(digest_of "$name")" "${registry%%/*}/$name" >>"$out/digests.txt"
  done < <(sort "$work/references")
}

# save_signatures: OCI's fallback for registries that list no referrers: an index under a tag with the digest of what it refers to.
save_signatures() {
  local name folder tag repository
  while read -r name; do
    repository=${name%:*}
    folder=$out/oci/${name#*/}
    folder=${folder/:/\/}
    for digest in $(digest_of "$name") $(crane manifest "$local_registry/$name" | jq -r '.manifests[]?.digest'); do
      tag=${digest/:/-}
      save_layout "$local_registry/$repository:$tag" "$folder/$tag"
    done
  done < <(sort "$work/references")
}
