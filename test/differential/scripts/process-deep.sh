n=0; deep() { if [ "$1" -gt 0 ]; then sh -c 'chown '"$1"' f; true'; (deep $(($1 - 1))); else touch g; fi; }
touch f; deep 20; show f g
