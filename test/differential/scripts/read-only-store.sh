mkdir -p store/bin; echo tool >store/bin/tool; chmod 555 store/bin/tool store/bin store
cp -r store copy; every copy
echo new >store/bin/other; every store
echo changed >store/bin/tool; cat store/bin/tool
chmod -R u+w store; every store
mv store/bin/tool store/tool; rm -r store/bin; every store
