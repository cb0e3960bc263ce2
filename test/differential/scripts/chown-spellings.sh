touch f g
chown root:root f
chown 5 f; show f
chown :6 f; show f
chown 7: f; show f
chown +8:+9 f; show f
chown --from=8:9 1:2 f; show f
chown --from=8:9 3:4 f; show f
chown --reference=f g; show g
chgrp 77 g; show g
chown 4294967295 g; echo "status $?"
chown 5:6 none; echo "status $?"
