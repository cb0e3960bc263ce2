echo secret >f; chmod 600 f; setfacl -m u:1000:r f
as 1000 cat f; as 1001 cat f; echo "status $?"
as 1000 sh -c 'echo x >>f'; echo "status $?"
setfacl -m m::- f; as 1000 cat f; echo "status $?"
mkdir -m 700 d; setfacl -m u:1000:rwx d; as 1000 touch d/f; show d/f
as 1000 setfacl -m u:1000:rw f; echo "status $?"
