# needs: git
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git init -q r; cd r; echo text >f; chmod 755 f; git add f
git -c user.name=x -c user.email=x@example.org commit -q -m x; git ls-files -s | cut -c1-6; git status --short
show .git f
git clone -q . ../c; show ../c/f
