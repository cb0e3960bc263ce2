as 1000 id -u; as 1000 id -G
setpriv --reuid 1000 --regid 1001 --groups 5,6 -- sh -c 'id -u; id -g; id -G; id -ru; id -rg'
setpriv --ruid 1000 --euid 1001 --clear-groups -- id -u
setpriv --reuid 1000 --clear-groups -- setpriv --reuid 0 -- id -u; echo "status $?"
setpriv --reuid 0 --regid 7 --clear-groups -- id -g
