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
find config runtime storage actors characters models tools net cli tests bench \
  \( -name '*.cpp' -o -name '*.hpp' \) -type f -exec wc -l {} + 2>/dev/null \
  | awk -v longest=$longest '$2 != "total" && $1 > longest { printf "  %5d %s\n", $1, $2 }' | sort -rn

changed_files() {
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
  local base
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base" -- '*.cpp'; git ls-files --others --exclude-standard -- '*.cpp'; } | sort -u
}

if ! command -v clang-tidy >/dev/null; then
  echo "lint: clang-tidy is not installed, skipped"
elif [[ ! -f build/compile_commands.json ]]; then
  echo "lint: no build directory yet (./dev build), clang-tidy skipped"
else
  if (($#)); then
    files=("$@")
  else
    mapfile -t files < <(changed_files)
  fi
  if ((${#files[@]})); then
    printf '%s\0' "${files[@]}" \
      | xargs -0 -n 1 -P "$(nproc)" scripts/tidy.sh || status=1
  fi
fi

if ((status)); then echo "lint: failed"; else echo "lint: passed"; fi
exit $status
