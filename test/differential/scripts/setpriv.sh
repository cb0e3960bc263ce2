setpriv --no-new-privs -- sh -c 'grep NoNewPrivs /proc/self/status'
setpriv --securebits +noroot -- chown 5 . ; echo "status $?"
setpriv --inh-caps -all --bounding-set -chown -- chown 5 .; echo "status $?"
setpriv --reuid 1000 --clear-groups --inh-caps +chown --ambient-caps +chown -- chown 5:6 .; show .
