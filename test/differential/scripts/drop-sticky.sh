mkdir -m 1777 t; touch t/root; as 1000 touch t/mine; as 1001 touch t/theirs
as 1000 rm -f t/theirs; echo "status $?"
as 1000 rm -f t/root; echo "status $?"
as 1000 mv t/theirs t/x; echo "status $?"
as 1000 rm -f t/mine; echo "status $?"
ls t; rm -r t; ls
