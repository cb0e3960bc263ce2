mkdir d; chown 0:50 d; chmod 2777 d
as 1000 touch d/f
as 1000 mkdir d/e
as 1000 sh -c ': >d/x; chmod 2755 d/x d/e'
every d
