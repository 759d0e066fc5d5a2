const hungry = staticExec("tail /dev/zero")
echo hungry
