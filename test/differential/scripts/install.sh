echo text >src
install -m 4755 -o 5 -g 6 src a; show a
install -d -m 2750 -o 7 -g 8 d/e/f; every d
install -D -m 640 -o 9 src x/y/z; every x
install -m 600 src a; show a
install -C -m 644 -o 3 -g 3 src c; show c; install -C -m 644 -o 3 -g 3 src c; show c
install -b -m 600 -g 4 src c; show c c~
