touch f; chmod 0 f; chown 5:6 f
touch -d @1000000000 f; stat -c '%Y %u:%g %a' f
ln -s f l; touch -h -d @5 l; stat -c %Y l f
touch -r l f; stat -c %Y f
as 1000 touch f; echo "status $?"
as 1000 touch -d @7 f; echo "status $?"
as 5 touch -d @7 f; echo "status $?"; stat -c %Y f
