cp /usr/bin/cat ./cat; chmod 4755 cat; echo secret >f; chmod 600 f
as 1000 ./cat f
mv cat dog; ln dog cat; as 1000 ./cat f
cp -p cat c2; as 1000 ./c2 f
cp cat c3; as 1000 ./c3 f; echo "status $?"
