# Sourced from the project's directory: builds what src/bench/peers and src/bench/growth run.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian's and Ubuntu's names.
install_packages() {
  [ $# -gt 0 ] || return 0
  echo "installing $*"
  as_root apt-get update -qq
  as_root apt-get install -qq -y --no-install-recommends "$@" > /dev/null
}

[ "$(nproc)" -ge 2 ] || {
  echo "one core serves and another one puts load on it: this machine has $(nproc)" >&2
  exit 1
}
command -v gcc > /dev/null || install_packages gcc libc6-dev
mkdir -p target/bench
for program in load bare; do
  gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -o "target/bench/$program" "src/bench/$program"/*.c
done
[ -e target/anabranch.jar ] || mvn -q -B -DskipTests package
javac -d target/bench/classes src/bench/comparison/*.java

# 10,000 connections at a time.
ulimit -n "$(ulimit -Hn)"
