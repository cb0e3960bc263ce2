# needs: capsh
touch f
capsh --drop=cap_chown -- -c 'chown 5 f'; echo "status $?"
capsh --drop=cap_fowner,cap_dac_override,cap_dac_read_search -- -c 'mkdir -m 0 d; ls d; chmod 700 d && ls d'; echo "status $?"
capsh --drop=cap_mknod -- -c 'mknod c c 1 3'; echo "status $?"
capsh --uid=1000 -- -c 'id -u; chown 5 f'; echo "status $?"
capsh --keep=1 --uid=1000 --inh=cap_chown --addamb=cap_chown -- -c 'id -u; chown 5:6 f'; show f
capsh --has-p=cap_chown && capsh --has-i=cap_chown; echo "status $?"
