nice -n -5 nice; nice -n 5 nice; renice -n -3 -p $$ >/dev/null; nice
as 1000 nice -n -5 nice 2>/dev/null
