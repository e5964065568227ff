# An OLM bundle and its entry in a file-based catalog, from the pinned install.yaml. Sourced by release/run.
# shellcheck shell=bash disable=SC2154

# The rules of each ServiceAccount: what its (Cluster)RoleBindings grant.
# shellcheck disable=SC2016
permissions='
  def rules($role; $binding):
    [ .[] | select(.kind == $binding) as $b | $b.subjects[] | select(.kind == "ServiceAccount") as $account
      | { serviceAccountName: $account.name, role: $b.roleRef.name } ] as $grants
    | [ .[] | select(.kind == $role) ] as $roles
    | [ $grants | group_by(.serviceAccountName)[]
        | { serviceAccountName: .[0].serviceAccountName,
            rules: [ .[].role as $name | $roles[] | select(.metadata.name == $name) | .rules[] ] } ];'

# make_version_file: the ClusterServiceVersion.
make_version_file() {
  jq --slurpfile template "$work/template.json" --slurpfile example "$work/example.json" --arg version "$version" --arg time "$time" "$permissions"'
    . as $objects
    | $template[0]
    | .metadata.name += ".v" + $version
    | .metadata.annotations.createdAt = $time
    # A catalog may hold every version: each leads here.
    | .metadata.annotations["olm.skipRange"] = "<" + $version
    | .metadata.annotations["alm-examples"] = ($example | tojson)
    | .metadata.annotations.containerImage = ([ $objects[] | select(.kind == "Deployment") ][0].spec.template.spec.containers[0].image)
    | .spec.version = $version
    | .spec.install = {
        strategy: "deployment",
        spec: {
          clusterPermissions: ($objects | rules("ClusterRole"; "ClusterRoleBinding")),
          permissions: ($objects | rules("Role"; "RoleBinding")),
          deployments: [ $objects[] | select(.kind == "Deployment") | { name: .metadata.name, label: .metadata.labels, spec: .spec } ]
        }
      }
    | .spec.relatedImages = [
        ([ $objects[] | select(.kind == "Deployment") ][0].spec.template.spec.containers[0]
         | { name: "operator", image: .image }, (.env[] | select(.name | startswith("MEMCACHED_IMAGE_")) | { name: (.name | ascii_downcase | gsub("_"; "-")), image: .value })) ]
  ' "$work/objects.json" | yq -p=json -o=yaml -P
}

make_bundle() {
  local bundle=$work/bundle index
  mkdir -p "$bundle/manifests" "$bundle/metadata"
  yq -o=json ea '[select(. != null)]' "$out/install.yaml" >"$work/objects.json"
  yq -o=json "$root/release/templates/clusterserviceversion.yaml" >"$work/template.json"
  yq -o=json "$root/examples/minimal/cache.yaml" >"$work/example.json"
  make_version_file >"$bundle/manifests/securememcached-operator.clusterserviceversion.yaml"
  cp "$root/crds/securememcacheds.securememcached.io.yaml" "$bundle/manifests/"
  # Of the kinds that OLM installs from a bundle: Services, and the roles of users, which no ServiceAccount of the operator has.
  jq -c '([ .[] | select(.kind == "ClusterRoleBinding") | .roleRef.name ]) as $bound
    | .[] | select(.kind == "Service" or (.kind == "ClusterRole" and ([.metadata.name] | inside($bound) | not))) | del(.metadata.namespace)' "$work/objects.json" |
    while read -r object; do
      index=$(jq -r '(.kind | ascii_downcase) + "-" + .metadata.name' <<<"$object")
      yq -p=json -o=yaml -P <<<"$object" >"$bundle/manifests/$index.yaml"
    done
  yq -n '.annotations = {
    "operators.operatorframework.io.bundle.mediatype.v1": "registry+v1",
    "operators.operatorframework.io.bundle.manifests.v1": "manifests/",
    "operators.operatorframework.io.bundle.metadata.v1": "metadata/",
    "operators.operatorframework.io.bundle.package.v1": "securememcached-operator",
    "operators.operatorframework.io.bundle.channels.v1": "stable",
    "operators.operatorframework.io.bundle.channel.default.v1": "stable"
  }' >"$bundle/metadata/annotations.yaml"
  cp -r "$bundle" "$out/bundle"
}

check_bundle() {
  local report
  report=$(operator-verify manifests --operatorhub_validate --object_validate "$out/bundle" 2>&1) || { echo "$report" && return 1; }
  echo "$report"
  ! grep -q 'Error\|"ERROR"' <<<"$report"
}

# An image that OLM unpacks: the bundle as its one layer, with the annotations as its labels.
push_bundle() {
  local reference=${registry#*/}/operator-bundle:$version labels=() label
  archive "$out/operator-bundle-$version.tar.gz" "$work/bundle"
  crane append --oci-empty-base --new_layer "$out/operator-bundle-$version.tar.gz" --new_tag "$local_registry/$reference"
  while read -r label; do labels+=(--label "$label"); done < <(yq '.annotations | to_entries | .[] | .key + "=" + .value' "$work/bundle/metadata/annotations.yaml")
  crane mutate "${labels[@]}" --set-platform linux/amd64 --tag "$local_registry/$reference" "$local_registry/$reference"
  echo "$reference" >>"$work/references"
}

# What a catalog shows of a bundle is in a property of its own, of the type `olm.csv.metadata` of operator-registry.
make_catalog() {
  local reference=${registry#*/}/operator-bundle:$version image
  image=${registry%%/*}/${reference%:*}@$(digest_of "$reference")
  yq -o=json "$out/bundle/manifests/securememcached-operator.clusterserviceversion.yaml" | jq --arg image "$image" '{
      properties: [{
        type: "olm.csv.metadata",
        value: ({annotations: .metadata.annotations, crdDescriptions: .spec.customresourcedefinitions}
          + (.spec | {description, displayName, installModes, keywords, links, maturity, minKubeVersion, provider}))
      }],
      relatedImages: (.spec.relatedImages + [{name: "", image: $image}])
    }' | yq -p=json -o=yaml -P >"$work/shown.yaml"
  # Lists are joined, as by `*+`.
  sed "s|@VERSION@|$version|g; s|@IMAGE@|$image|g" "$root/release/templates/catalog.yaml" |
    shown=$work/shown.yaml yq 'select(.schema == "olm.bundle") |= . *+ load(strenv(shown))' >"$out/catalog.yaml"
}

make_olm() {
  step "Writing the OLM bundle" make_bundle
  step "Checking the OLM bundle" check_bundle
  step "Pushing the OLM bundle to the local registry" push_bundle
  step "Writing the entry of the catalog" make_catalog
}
