mkfifo -m 640 p; chown 5:6 p; show p
echo through >p & cat p; wait
chmod 0 p
echo again >p & cat p; wait
rm p; ls
