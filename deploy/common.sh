# shellcheck shell=bash
# What deploy/up, deploy/test and .ci/run share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
export DEBIAN_FRONTEND=noninteractive

# Packages needed for building, in addition to the Swift toolchain and its own dependencies (gcc, libc6-dev, git).
# shellcheck disable=SC2034  # used by those who source this
readonly build_packages=(libc6-dev libseccomp-dev libcap-dev zlib1g-dev libssl-dev)

say() { printf '\n== %s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

need_root() {
    [[ $EUID -eq 0 ]] || die "needs root: it installs packages, and sandboxes take cgroups and host ids"
}

need_swift() {
    if ! command -v swift >/dev/null && [[ -x /opt/swift/usr/bin/swift ]]; then
        PATH=/opt/swift/usr/bin:$PATH
    fi
    command -v swift >/dev/null || die "no swift in PATH: install the Swift 6.3 toolchain (https://swift.org/install)"
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    local major minor
    read -r major minor <<<"${version:-0 0}"
    if ((major < 6 || (major == 6 && minor < 3))); then die "swift is ${version/ /.}, needed is 6.3 or later"; fi
}

# install_missing PACKAGE...: installs missing packages with apt; runs apt-get update first, but only when one is missing.
install_missing() {
    local package missing=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    if [[ ${#missing[@]} -eq 0 ]]; then return; fi
    say "installing ${missing[*]}"
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# say_first TEXT PATH: prints how long something takes, unless PATH exists, so it was done before.
say_first() {
    [[ -e $2 ]] || printf '%s\n' "$1"
}

# The file in which phases are recorded as they end: seconds, a tab, the name. Callers set it before the first phase.
phases_file=
phase_names=() phase_seconds=()

# phase NAME COMMAND...: runs a command and records how long it took. Its output goes to the terminal.
phase() {
    local name=$1 start=$SECONDS
    shift
    say "$name"
    "$@"
    add_phase "$name" $((SECONDS - start))
}

# add_phase NAME SECONDS: records a phase that was measured elsewhere.
add_phase() {
    phase_names+=("$1") phase_seconds+=("$2")
    if [[ -n $phases_file ]]; then printf '%d\t%s\n' "$2" "$1" >>"$phases_file"; fi
}

# Prints the time of each phase, and the total time of the script: concurrent phases count only once in it.
print_phases() {
    local index
    say "time per phase"
    for index in "${!phase_names[@]}"; do
        printf '%5d s  %s\n' "${phase_seconds[index]}" "${phase_names[index]}"
    done
    printf '%5d s  all\n' "$SECONDS"
}
