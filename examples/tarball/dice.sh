#!/bin/sh
# Throws a die, and remembers it for everyone.
n=$(od -An -N1 -tu1 /dev/urandom)
echo $((n % 6 + 1)) | tee -a /var/games/dice/scores
