# Makes the root of an image out of single files of the Debian it runs in, so that the image holds no package manager, no Perl and no setuid file.
# Sourced inside a build; the caller sets `image` to the folder to fill, and SOURCE_DATE_EPOCH to the time of all files.
# shellcheck shell=bash disable=SC2154
copied=()

start_root() {
  local folder
  mkdir -p "$image"/{dev,etc,proc,run,sys,tmp,usr/{bin,sbin,lib,lib64},var/lib/dpkg/status.d}
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$image/$folder"; done
  install --mode=0644 /etc/debian_version /etc/os-release "$image/etc/"
  printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$image/etc/nsswitch.conf"
  echo 'root:x:0:0:root:/:/usr/sbin/nologin' >"$image/etc/passwd"
  echo 'root:x:0:' >"$image/etc/group"
}

# add_user NAME ID
add_user() {
  echo "$1:x:$2:$2:$1:/:/usr/sbin/nologin" >>"$image/etc/passwd"
  echo "$1:x:$2:" >>"$image/etc/group"
}

# keep FILE: copies the file behind all links, without its setuid and setgid bits.
keep() {
  local file mode=0644
  file=$(realpath "$1")
  [[ -e $image$file ]] && return
  [[ -x $file ]] && mode=0755
  install -D --mode="$mode" "$file" "$image$file"
  copied+=("$file")
}

# keep_libraries FILE: what the dynamic linker loads for it from this Debian, the linker too.
keep_libraries() {
  local library libraries
  libraries=$(ldd "$(realpath "$1")" | grep -o '/[^ ]*')
  for library in $libraries; do
    [[ $(realpath "$library") == /usr/lib* ]] || continue
    keep "$library"
    # A program names its linker by path, and that path may be a link.
    if [[ $library == */ld-linux* && ! -e $image$library ]]; then ln -s "$(realpath "$library")" "$image$library"; fi
  done
}

# keep_program NAME
keep_program() {
  local path real
  path=$(command -v "$1")
  real=$(realpath "$path")
  keep "$real"
  keep_libraries "$real"
  # db_dump is a link to the tool of one Berkeley DB version.
  [[ ${real##*/} == "$1" ]] || ln -s "${real##*/}" "$image${real%/*}/$1"
}

finish_root() {
  local file owner package packages=base-files
  for file in "${copied[@]}"; do
    # dpkg knows some files by their path from before /usr was merged, and then only by that one.
    owner=$(dpkg-query --search "$file" 2>/dev/null || dpkg-query --search "${file#/usr}")
    packages+=$'\n'${owner%%:*}
  done
  # Scanners read status.d for the packages the files are from; their licences ask for the text.
  while read -r package; do
    dpkg-query --status "$package" >"$image/var/lib/dpkg/status.d/$package"
    install -D --mode=0644 "/usr/share/doc/$package/copyright" "$image/usr/share/doc/$package/copyright"
  done < <(sort -u <<<"$packages")
  # Makes the links by SONAME too.
  ldconfig -r "$image"
  same_time "$image"
}

# same_time PATH...: two builds of the same files are then the same bytes.
same_time() { find "$@" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:?}" {} +; }
