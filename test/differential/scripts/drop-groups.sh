touch f; chown 0:50 f; chmod 640 f
setpriv --reuid 1000 --regid 1000 --groups 50 -- test -r f && echo reads
setpriv --reuid 1000 --regid 50 --clear-groups -- test -r f && echo reads
setpriv --reuid 1000 --regid 50 --clear-groups -- test -w f || echo does not write
as 1000 test -r f || echo does not read
setpriv --reuid 1000 --regid 1000 --groups 50 -- sh -c ': >x' ; echo "status $?"
