echo secret >f; chmod 600 f; mkdir d; touch d/f; mkdir -m 700 closed; touch closed/x
as 1000 cat f; echo "status $?"
as 1000 sh -c 'echo x >f'; echo "status $?"
as 1000 rm -f d/f; echo "status $?"
as 1000 touch d/new; echo "status $?"
as 1000 mv d/f d/g; echo "status $?"
as 1000 mkdir d/e; echo "status $?"
as 1000 ls closed; echo "status $?"
as 1000 cat closed/x; echo "status $?"
as 1000 chmod 777 f; echo "status $?"
as 1000 chown 1000 f; echo "status $?"
as 1000 ln -s x d/l; echo "status $?"
as 1000 rmdir closed; echo "status $?"
every .
