#!/bin/sh
# Proves in a CI system that two ONNX models compute the same; or grows one and proves that.
# All that it is told comes in environment variables; README.md beside it has them all, with examples.
#
#   ONNXGROW_SOURCE     the first model (needed)
#   ONNXGROW_GROWN      the second; with something to grow: where the grown model goes (default: in the report folder)
#   ONNXGROW_PLAN  ONNXGROW_HIDDEN  ONNXGROW_HEADS  ONNXGROW_FFN  ONNXGROW_LAYERS  ONNXGROW_METHOD
#                       what to grow, as the options of 'onnxgrow grow'; none of them: the two models are compared
#   ONNXGROW_TOLERANCE  ONNXGROW_PROVIDER  ONNXGROW_INPUTS  ONNXGROW_PROOF
#                       as the options of 'onnxgrow verify'
#   ONNXGROW_REPORT     the folder for the reports (default: onnxgrow-report)
#   ONNXGROW_COMMAND    the command, where it is installed already
#   ONNXGROW_VERSION    version of the tool to install (default: the newest)
#   ONNXGROW_FEED       a folder or address to install it from, besides the usual ones
#
# Ends with the exit code of the command: 0 equivalent, 1 not, 2 bad input, 3 cannot be grown, 4 nothing proved, 70 a bug.
set -u

fail() {
  printf 'verify.sh: %s\n' "$2" >&2
  finish "$1" "$2"
}

# Writes what the CI system is to know, and ends. $1: exit code; $2: an error, where the command has left no summary.
finish() {
  case $1 in
    0) verdict=equivalent ;;
    1) verdict=not-equivalent ;;
    4) verdict=not-verified ;;
    *) verdict=error ;;
  esac
  if [ -n "$report" ] && [ -d "$report" ] && [ ! -f "$summary" ]; then
    # Four blanks make it a block of code: nothing in it is read as markup.
    { printf '## onnxgrow: error\n\n'; printf '%s\n' "$2" | sed 's/^/    /'; printf '\n'; } > "$summary"
  fi
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    {
      printf 'verdict=%s\nexit-code=%s\n' "$verdict" "$1"
      [ -z "$report" ] || for file in report="$page" junit="$junit" sarif="$sarif" json="$json" summary="$summary"; do
        [ ! -f "${file#*=}" ] || printf '%s\n' "$file"
      done
    } >> "$GITHUB_OUTPUT"
  fi
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -n "$report" ] && [ -f "$summary" ]; then
    cat "$summary" >> "$GITHUB_STEP_SUMMARY"
  fi
  printf 'onnxgrow: %s (exit code %s)\n' "$verdict" "$1"
  [ -z "$report" ] || for file in "$page" "$junit" "$sarif" "$json" "$summary"; do
    [ ! -f "$file" ] || printf '  %s\n' "$file"
  done
  exit "$1"
}

# A path that no command takes for an option, or for a file of options.
path() {
  case $1 in
    -* | @*) printf './%s' "$1" ;;
    *) printf '%s' "$1" ;;
  esac
}

report=
newline='
'
for value in "${ONNXGROW_REPORT:-}" "${ONNXGROW_SOURCE:-}" "${ONNXGROW_GROWN:-}"; do
  case $value in
    *"$newline"*) fail 2 "a path with a line break in it; give another name" ;;
  esac
done

report=$(path "${ONNXGROW_REPORT:-onnxgrow-report}")
page=$report/report.html
junit=$report/onnxgrow.xml
sarif=$report/onnxgrow.sarif
json=$report/onnxgrow.json
summary=$report/summary.md
mkdir -p "$report" || { report=; fail 2 "the folder for reports cannot be made; ONNXGROW_REPORT names it"; }
rm -f "$page" "$junit" "$sarif" "$json" "$summary"

[ -n "${ONNXGROW_SOURCE:-}" ] || fail 2 "ONNXGROW_SOURCE is not set; it names the first model"
source=$(path "$ONNXGROW_SOURCE")
growth="${ONNXGROW_PLAN:-}${ONNXGROW_HIDDEN:-}${ONNXGROW_HEADS:-}${ONNXGROW_FFN:-}${ONNXGROW_LAYERS:-}"
[ -n "$growth${ONNXGROW_GROWN:-}" ] || fail 2 "nothing to compare with: set ONNXGROW_GROWN (a second model), or ONNXGROW_PLAN or sizes (what to grow)"

command=${ONNXGROW_COMMAND:-}
if [ -z "$command" ]; then
  tools=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/onnxgrow-tool-${ONNXGROW_VERSION:-newest}
  set -- tool update OnnxGrow.Tool --tool-path "$tools"
  [ -z "${ONNXGROW_VERSION:-}" ] || set -- "$@" --version "$ONNXGROW_VERSION"
  [ -z "${ONNXGROW_FEED:-}" ] || set -- "$@" --add-source "$ONNXGROW_FEED"
  dotnet "$@" || fail 4 "the tool OnnxGrow.Tool could not be installed (its own words are above); .NET 10 has to be there, or set ONNXGROW_COMMAND"
  command=$tools/onnxgrow
fi

# Every value is an argument of its own, or part of one: none is ever read by a shell.
set -- --json="$json" --report="$page" --junit="$junit" --sarif="$sarif" --summary="$summary"
[ -z "${ONNXGROW_TOLERANCE:-}" ] || set -- "$@" --tolerance="$ONNXGROW_TOLERANCE"
[ -z "${ONNXGROW_PROVIDER:-}" ] || set -- "$@" --provider="$ONNXGROW_PROVIDER"
[ -z "${ONNXGROW_INPUTS:-}" ] || set -- "$@" --inputs="$ONNXGROW_INPUTS"
[ -z "${ONNXGROW_PROOF:-}" ] || set -- "$@" --proof="$ONNXGROW_PROOF"
if [ -n "$growth" ]; then
  [ -z "${ONNXGROW_PLAN:-}" ] || set -- "$@" --plan="$ONNXGROW_PLAN"
  [ -z "${ONNXGROW_HIDDEN:-}" ] || set -- "$@" --hidden="$ONNXGROW_HIDDEN"
  [ -z "${ONNXGROW_HEADS:-}" ] || set -- "$@" --heads="$ONNXGROW_HEADS"
  [ -z "${ONNXGROW_FFN:-}" ] || set -- "$@" --ffn="$ONNXGROW_FFN"
  [ -z "${ONNXGROW_LAYERS:-}" ] || set -- "$@" --layers="$ONNXGROW_LAYERS"
  [ -z "${ONNXGROW_METHOD:-}" ] || set -- "$@" --method="$ONNXGROW_METHOD"
  if [ -z "${ONNXGROW_GROWN:-}" ]; then
    rm -f "$report/grown.onnx" "$report/grown.onnx.data"
  fi
  set -- grow "$source" --output="${ONNXGROW_GROWN:-$report/grown.onnx}" "$@"
else
  set -- verify "$source" "$(path "$ONNXGROW_GROWN")" "$@"
fi

errors=$report/.errors
"$command" "$@" 2> "$errors"
code=$?
message=$(cat "$errors")
rm -f "$errors"
[ -z "$message" ] || printf '%s\n' "$message" >&2
finish "$code" "$message"
