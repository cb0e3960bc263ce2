cp /usr/bin/cat ./cat; echo secret >f; chmod 600 f; chown 9:9 f
as 1000 ./cat f; echo "status $?"
setcap cap_dac_override+ep cat; as 1000 ./cat f
setcap cap_dac_read_search=p cat; as 1000 ./cat f; echo "status $?"
setcap -r cat; as 1000 ./cat f; echo "status $?"
setcap cap_dac_override+ep cat; setpriv --bounding-set -dac_override -- setpriv --reuid 1000 --clear-groups ./cat f; echo "status $?"
