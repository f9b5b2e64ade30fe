#!/usr/bin/env bash
# Called by `./dev lint [FILE...]`: scripts, include arrows, file lengths, and
# clang-tidy (where it is installed) over the files named or changed.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
longest=250

status=0
shellcheck dev .ci/run scripts/*.sh cmake/*.sh || status=1
cmake/lint_includes.sh || status=1

echo "lint: C++ files over $longest lines (a hint, not an error):"
find . \( -path ./build -o -name node_modules \) -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -type f -print0 | xargs -0 wc -l \
  | awk -v longest=$longest '$2 != "total" && $1 > longest { printf "  %5d %s\n", $1, substr($2, 3) }' | sort -rn

changed_files() {
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
  local base
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base" -- '*.cpp'; git ls-files --others --exclude-standard -- '*.cpp'; } | sort -u
}

if (($#)); then
  files=("$@")
else
  mapfile -t files < <(changed_files)
fi
if ! command -v clang-tidy >/dev/null; then
  echo "lint: clang-tidy is not installed, skipped"
elif ((${#files[@]})); then
  # A directory of its own: clang cannot read g++'s precompiled headers, and
  # without them a file that forgets an include is found.
  cmake --preset release -B build/lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
  printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/lint --quiet \
    2> >(grep -v 'warnings generated' >&2) || status=1
fi

if ((status)); then echo "lint: failed"; else echo "lint: passed"; fi
exit $status
