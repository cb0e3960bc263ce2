# needs: gzip
echo text >f; chown 5:6 f; chmod 640 f
gzip -n f; show f.gz
gunzip f.gz; show f
