mkdir -p d/e; touch d/f d/e/g; ln -s f d/l
chmod -R 700 d; every d
chmod -R a+rX,u+s d; every d
chmod -R 0 d; every d
ls d d/e
chmod -R u=rwX,g=s d; every d
