# needs: make
cat >Makefile <<'END'
install:
	install -d -m 755 $(DESTDIR)/usr/bin $(DESTDIR)/var/games
	install -m 4755 -o 0 -g 0 tool $(DESTDIR)/usr/bin/tool
	install -m 2755 -g 60 tool $(DESTDIR)/usr/bin/game
	chown 0:60 $(DESTDIR)/var/games && chmod 2775 $(DESTDIR)/var/games
	touch $(DESTDIR)/var/games/scores
	ln -sf tool $(DESTDIR)/usr/bin/alias
END
echo tool >tool; make -s install DESTDIR=root; every root
