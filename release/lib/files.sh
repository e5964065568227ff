# Files of a release that need no image: the charts, the CRDs, the plugin, the notes. All of them are the same bytes in each run.
# shellcheck shell=bash disable=SC2154

# dated FOLDER: all files have the time of the build, and none depends on a umask.
dated() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch --no-dereference --date="$time" {} +
}

# archive FILE FOLDER: a tar.gz with the same bytes for the same files.
archive() {
  dated "$2"
  tar --create --directory="$2" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$time" --format=ustar . | gzip --no-name -9 >"$1"
}

# make_chart NAME
make_chart() {
  local staged=$work/chart/$1
  mkdir -p "$work/chart"
  cp -r "$root/charts/$1" "$staged"
  cp "$root/LICENSE" "$staged/"
  # Helm writes the files' own times into the package, and the package's time into the registry's manifest.
  dated "$staged"
  helm package "$staged" --destination "$out"
  touch --date="$time" "$out/$1-$version.tgz"
}

make_crds() { cat "$root"/crds/*.yaml >"$out/crds.yaml"; }

make_plugin() {
  local staged=$work/plugin name=kubectl-securememcached-$version.tar.gz
  mkdir -p "$staged"
  cp "$root/plugin/kubectl-securememcached" "$root/LICENSE" "$staged/"
  archive "$out/$name" "$staged"
  sed "s|@VERSION@|$version|g; s|@SHA256@|$(sha256sum <"$out/$name" | cut -d' ' -f1)|g; s|@SOURCE@|$source|g" \
    "$root/release/templates/krew.yaml" >"$out/securememcached.yaml"
}

# changes HEADING: the part of the changelog under it.
changes() { awk -v heading="## $1" '/^## / { found = index($0 " ", heading " ") == 1; next } found' "$root/CHANGELOG.md"; }

make_notes() {
  local heading=$version
  [[ ! $dry_run || $(changes "$version") ]] || heading=Unreleased
  # Right after a release nothing has changed yet.
  [[ $dry_run || $(changes "$heading") ]] || die "CHANGELOG.md has no part '## $version'"
  {
    printf '# SecureMemcached %s\n\n' "$version"
    printf 'Install it:\n\n```console\n'
    printf 'helm install securememcached-operator oci://%s/charts/securememcached-operator --version %s --namespace securememcached-system --create-namespace --set defaultFlavor=Debian13 --wait\n' "$registry" "$version"
    printf '```\n\n[Verify it first](%s/blob/%s/docs/verify-a-release.md).\n' "$source" "$version"
    changes "$heading"
  } >"$out/release-notes.md"
}

make_files() {
  for chart in "${charts[@]}"; do step "Packaging the chart $chart" make_chart "$chart"; done
  step "Writing the CRDs" make_crds
  step "Packaging the plugin with its Krew manifest" make_plugin
  step "Writing the release notes" make_notes
}
