#!/bin/bash
# A minimal Debian system by mmdebstrap, which has apt do the work, from the packages in $REPO and without a network. The system is in root.
# SOURCE_DATE_EPOCH keeps the time of the build out of it.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C SOURCE_DATE_EPOCH=1735689600
mmdebstrap --mode=root --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include="${EXTRA// /,}" \
	bookworm "$PWD/root" "deb [trusted=yes] copy://$REPO bookworm main" >log 2>&1 || {
	tail -n 20 log | cut -c1-300
	exit 1
}
