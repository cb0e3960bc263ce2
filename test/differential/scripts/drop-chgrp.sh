mkdir -m 777 d; as 1000 touch d/f
as 1000 chgrp 50 d/f; echo "status $?"
setpriv --reuid 1000 --regid 1000 --groups 50 -- chgrp 50 d/f; echo "status $?"
show d/f
as 1000 chown 1001 d/f; echo "status $?"
as 1000 chmod 2755 d/f; show d/f
