mkdir d; for i in 1 2 3 4 5; do touch d/$i; done
find d -type f -exec chown 3:4 {} +
find d -type f -exec chmod 640 {} \;
every d
find d -type f | sort | xargs -P 4 -n 1 chown 6:7
every d
