#!/usr/bin/env bash
# The arrows between folders, read from the sources: a folder may include itself
# and what stands to the right of it here. The staged include directories
# (cmake/folder_library.cmake) already keep a climbing include from compiling;
# this also finds "../" and headers that no translation unit includes yet.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

declare -A allowed=(
  [config]=""
  [runtime]="config"
  [storage]="runtime config"
  [characters]="runtime config"
  [models]="runtime config"
  [tools]="runtime config"
  [net]="runtime config"
  [web]=""
  [actors]="storage characters runtime config"
  [cli]="web actors characters models tools net storage runtime config"
)

status=0
for folder in "${!allowed[@]}"; do
  [[ -d $folder ]] || continue
  own=" $folder ${allowed[$folder]} "
  while IFS=: read -r file line text; do
    target=${text#*\"}
    target=${target%%\"*}
    if [[ $target == ../* || $target == */../* ]]; then
      echo "$file:$line: includes \"$target\"; name headers from the root"
      status=1
    elif [[ $folder == @(models|tools) && $target == net/upstream/* ]]; then
      continue
    elif [[ $file == net/upstream/* && $target == net/* && $target != net/upstream/* ]]; then
      echo "$file:$line: net/upstream may not include the rest of net/ (\"$target\")"
      status=1
    elif [[ -n ${allowed[${target%%/*}]+known} && $own != *" ${target%%/*} "* ]]; then
      echo "$file:$line: $folder may not include ${target%%/*}/ (\"$target\")"
      status=1
    fi
  done < <(grep -rnE --include='*.cpp' --include='*.hpp' '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$folder" || true)
done
((status)) || echo "lint: include arrows hold"
exit $status
