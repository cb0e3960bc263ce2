mkdir -p d/e; touch d/f d/e/g; chmod 750 d/e
every_acl() { find d | sort | xargs getfacl -nc; }
setfacl -R -m u:5:rX d; every_acl
getfacl -R -n d >dump; setfacl -R -b d; every_acl
setfacl --restore=dump; every_acl
