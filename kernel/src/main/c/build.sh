#!/bin/sh
# Builds the native kernels: build.sh <folder of the library> <folder of objects>
# Where that can't be done it says so and succeeds: the server then runs its kernels in Java.
set -eu
to="$1/native/linux-x86_64" objects="$2"
library="$to/libfalconer.so"
cd "$(dirname "$0")"

notice() { echo "native kernels: not built: $*"; rm -f "$library"; exit 0; }

[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] ||
  notice "this is $(uname -s) $(uname -m), not Linux x86_64"
compiler=""
for each in ${CC:-} gcc clang cc; do
  if command -v "$each" >/dev/null 2>&1; then compiler="$each"; break; fi
done
[ -n "$compiler" ] || notice "neither gcc nor clang is installed"

flags="-std=gnu11 -O3 -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno"
flags="$flags -Wall -Wextra"
avx2="-mavx2 -mfma -mtune=haswell"
avx512="-mavx512f -mavx512bw -mavx512vl -mavx512dq"
avx512="$avx512 -mfma -mtune=skylake-avx512 -mprefer-vector-width=512"
vnni="$avx512 -mavx512vnni"
printf "#include <%s>\n" cpuid.h immintrin.h stdint.h string.h |
  "$compiler" $vnni -x c -c -o /dev/null - 2>/dev/null ||
  notice "$compiler knows no AVX512-VNNI, or has no headers of C"

mkdir -p "$to" "$objects"
of() { # the object of a source in $1, compiled with the flags that follow, unless it is the newest
  source="$1" object="$objects/${1%.c}.o"
  all="$all ${1%.c}.o"
  shift
  if [ -f "$object" ] && [ -z "$(find . -newer "$object" -type f)" ]; then return; fi
  # shellcheck disable=SC2086
  "$compiler" $flags "$@" -c -o "$object" "$source"
}
all=""
of library.c
of peak.c
for each in *_portable.c; do of "$each"; done
for each in *_avx2.c; do of "$each" $avx2; done
for each in *_avx512.c; do of "$each" $avx512; done
for each in *_avx512vnni.c; do of "$each" $vnni; done
[ -f "$library" ] && [ -z "$(find "$objects" -name '*.o' -newer "$library")" ] && exit 0
cd "$objects"
# shellcheck disable=SC2086
"$compiler" -shared -Wl,-z,defs -Wl,-z,noexecstack -Wl,-s -o "$library" $all
echo "native kernels: built by $("$compiler" --version | head -n 1)"
